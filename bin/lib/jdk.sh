# Finds a JDK that podslice runs on. To be sourced by bash; starts no process unless a JDK has no `release` file.

# The oldest feature release that will do.
PODSLICE_JDK=25

# Where JDKs usually are, colon-separated, each a shell pattern. Set it to look elsewhere.
: "${PODSLICE_JDK_FOLDERS=/usr/lib/jvm/*:/opt/*:/opt/java/*:/usr/java/*:$HOME/.sdkman/candidates/java/*:$HOME/.jdks/*}"

# jdk_feature HOME: sets jdk_feature to its feature release (17, 25, ...), to nothing where HOME holds no JDK, and
# jdk_build to the name of its build.
jdk_feature() {
    local home=$1 line version=
    jdk_feature=
    jdk_build=
    [ -x "$home/bin/java" ] || return 0
    if [ -r "$home/release" ]; then
        while IFS= read -r line; do
            case $line in
                JAVA_VERSION=*)
                    version=${line#JAVA_VERSION=}
                    version=${version//\"/}
                    ;;
                IMPLEMENTOR_VERSION=* | JAVA_RUNTIME_VERSION=*)
                    jdk_build+=${line#*=}
                    ;;
            esac
        done < "$home/release"
    else
        version=$("$home/bin/java" -XshowSettings:properties -version 2>&1 </dev/null |
            sed -n 's/^ *java\.version = //p') || version=
    fi
    jdk_build=${jdk_build:-$version}
    jdk_build=${jdk_build//[!A-Za-z0-9.+-]/_}
    version=${version#1.} # Java 8 calls itself 1.8
    version=${version%%[!0-9]*}
    jdk_feature=$version
}

# jdk_consider HOME: succeeds if that JDK can be used; otherwise adds the reason to jdk_seen.
jdk_consider() {
    jdk_feature "$1"
    [ -n "$jdk_feature" ] || return 1
    if [ "$jdk_feature" -lt "$PODSLICE_JDK" ]; then
        jdk_seen+="  $1: Java $jdk_feature, too old"$'\n'
        return 1
    fi
    if [ ! -x "$1/bin/javac" ]; then
        jdk_seen+="  $1: Java $jdk_feature, but without a compiler (a JRE, not a JDK)"$'\n'
        return 1
    fi
}

# fetch_jdk: on a Debian exports as JAVA_HOME a JDK of its packages, of a newer Debian's where need be, in podslice's cache. Nothing is
# installed into the system. Fails where there is no apt, or its sources have no Debian.
fetch_jdk() {
    local parts=${BASH_SOURCE[0]%/bin/lib/jdk.sh}/integration/real/parts root home
    type -P apt-get >/dev/null && type -P dpkg-deb >/dev/null && [ -x "$parts" ] || return 1
    if ! root=$("$parts" path "jdk-$PODSLICE_JDK" 2>/dev/null); then
        echo "podslice: no JDK $PODSLICE_JDK or newer on this machine: fetching one into the cache, once" >&2
        "$parts" get "jdk-$PODSLICE_JDK" >&2 && root=$("$parts" path "jdk-$PODSLICE_JDK") || return 1
    fi
    home=$(echo "$root"/usr/lib/jvm/java-"$PODSLICE_JDK"-openjdk-*)
    jdk_consider "$home" || return 1
    export JAVA_HOME=$home
}

# find_jdk: exports JAVA_HOME: the one that is set already, else PATH's, else, of the usual folders, the oldest
# release that fits, else Debian's. Without one, says what to install, and fails.
find_jdk() {
    local home best= best_feature= pattern path_java seen
    local -a patterns
    jdk_seen=
    if [ -n "${JAVA_HOME:-}" ] && jdk_consider "$JAVA_HOME"; then
        export JAVA_HOME
        return 0
    fi
    if path_java=$(type -P java); then
        path_java=$(readlink -f "$path_java")
        home=${path_java%/bin/java}
        if jdk_consider "$home"; then
            export JAVA_HOME=$home
            return 0
        fi
    fi
    IFS=: read -r -a patterns <<< "$PODSLICE_JDK_FOLDERS"
    for pattern in "${patterns[@]}"; do
        for home in $pattern; do
            seen=$jdk_seen
            if ! jdk_consider "$home"; then
                [ ! -L "$home" ] || jdk_seen=$seen # an alias of a folder that is named itself
                continue
            fi
            if [ -z "$best" ] || [ "$jdk_feature" -lt "$best_feature" ]; then
                best=$home
                best_feature=$jdk_feature
            fi
        done
    done
    if [ -n "$best" ]; then
        export JAVA_HOME=$best
        return 0
    fi
    if fetch_jdk; then
        return 0
    fi
    {
        echo "podslice needs a JDK $PODSLICE_JDK or newer, and found none in JAVA_HOME, PATH or the usual folders"
        echo "(${PODSLICE_JDK_FOLDERS//:/, })."
        [ -z "$jdk_seen" ] || printf 'Found, but of no use:\n%s' "$jdk_seen"
        echo "Install one; no variable has to be set:"
        echo "  apt install openjdk-$PODSLICE_JDK-jdk-headless     where the distribution has it (Debian 13, Ubuntu 24.04 and later)"
        echo "  apt install temurin-$PODSLICE_JDK-jdk              Debian 12 and others, with the packages of https://adoptium.net/installation/linux/"
        echo "or unpack one anywhere and set JAVA_HOME."
    } >&2
    return 1
}
