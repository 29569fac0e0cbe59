package io.podslice.cgroups;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the errno behind an exception of the JDK. The commonest errnos have exception classes of their own; for the
 * others only the C library's text is left, in the language of the process's locale.
 */
final class SystemErrors {
    /** The text that the JDK adds where open(2) with O_NOFOLLOW meets a symbolic link. */
    private static final String JDK_NOTE = " (NOFOLLOW_LINKS specified)";

    private SystemErrors() {}

    static CgroupException of(IOException e, String path, @Nullable String value, String doing) {
        Errno errno = errno(e);
        String text = reason(e);
        String detail = errno == Errno.EIO && text != null ? doing + ": " + text : doing + ": " + errno.text();
        CgroupException thrown = new CgroupException(errno, path, value, detail);
        thrown.initCause(e);
        return thrown;
    }

    static Errno errno(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> Errno.ENOENT;
            case FileAlreadyExistsException existing -> Errno.EEXIST;
            case AccessDeniedException denied -> Errno.EACCES;
            case DirectoryNotEmptyException full -> Errno.ENOTEMPTY;
            case NotDirectoryException file -> Errno.ENOTDIR;
            case FileSystemLoopException loop -> Errno.ELOOP;
            default -> ofText(reason(e));
        };
    }

    /** Returns the C library's text in the exception; null where there is none. */
    private static @Nullable String reason(IOException e) {
        String text = e instanceof FileSystemException in ? in.getReason() : e.getMessage();
        return text != null && text.endsWith(JDK_NOTE) ? text.substring(0, text.length() - JDK_NOTE.length()) : text;
    }

    private static Errno ofText(@Nullable String text) {
        if (text == null) {
            return Errno.EIO;
        }
        for (Errno errno : Errno.values()) {
            if (errno.text().equals(text)) {
                return errno;
            }
        }
        return localErrno(text);
    }

    /** Returns the errno whose text the C library gives in the present locale; EIO if there is none. */
    static Errno localErrno(String text) {
        return LocalTexts.BY_TEXT.getOrDefault(text, Errno.EIO);
    }

    /** Returns the C library's text in the present locale. */
    static String textOf(Errno errno) {
        for (Map.Entry<String, Errno> entry : LocalTexts.BY_TEXT.entrySet()) {
            if (entry.getValue() == errno) {
                return entry.getKey();
            }
        }
        throw new IllegalStateException("no text of " + errno);
    }

    /** The C library's own texts, read when a text is met that is not glibc's English. */
    private static final class LocalTexts {
        static final Map<String, Errno> BY_TEXT = ask();

        @SuppressWarnings("restricted") // strerror(3) is declared as it is in string.h
        private static Map<String, Errno> ask() {
            Linker linker = Linker.nativeLinker();
            MethodHandle strerror = linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("strerror"),
                    FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
            Map<String, Errno> byText = new HashMap<>();
            for (Errno errno : Errno.values()) {
                byText.put(strerror(strerror, errno.number()), errno);
            }
            return Map.copyOf(byText);
        }

        @SuppressWarnings("restricted") // its text ends with a zero byte
        private static String strerror(MethodHandle strerror, int number) {
            try {
                MemorySegment text = (MemorySegment) strerror.invokeExact(number);
                return text.reinterpret(1024).getString(0);
            } catch (Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("strerror(" + number + ")", e);
            }
        }
    }
}
