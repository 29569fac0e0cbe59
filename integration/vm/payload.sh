# Makes the payload of a VM that runs podslice: a Java runtime, the program, its tools, crictl's pods. To be sourced by
# bash after bin/lib/jdk.sh and bin/lib/build.sh, with `here`, the folder of this file, and `top`, the checkout.

# The JDK's modules that the program and the scenarios need, and no others: every byte is unpacked by an emulated CPU.
jre_modules=java.base,java.logging,java.management,java.naming,java.net.http,java.xml,jdk.net,jdk.unsupported

# make_payload FOLDER: fills an empty folder.
make_payload() {
  local payload=$1 jre
  jdk_feature "$JAVA_HOME"
  jre=${PODSLICE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/podslice}/vm/jre-$jdk_build
  if [[ ! -f $jre/modules-are || $(<"$jre/modules-are") != "$jre_modules" ]]; then
    mkdir -p "${jre%/*}"
    rm -rf "$jre" "$jre.$$"
    "$JAVA_HOME/bin/jlink" --add-modules "$jre_modules" --strip-debug --no-header-files --no-man-pages --output "$jre.$$"
    echo "$jre_modules" >"$jre.$$/modules-are"
    mv -T "$jre.$$" "$jre" 2>/dev/null || rm -rf "$jre.$$" # another run made it meanwhile
  fi
  cp -a "$jre" "$payload/jre"
  cp -a "$dist/lib" "$dist/dev" "$payload/"
  cp -a "$here/../crictl" "$payload/crictl"
  printf '%s\n' "${serve_flags[@]}" "${cached_flags[@]}" "${named_flags[@]}" -XX:AOTCache=/payload/vm.aot >"$payload/serve.flags"
  printf '%s\n' "${tool_flags[@]}" -XX:+UseCompactObjectHeaders "${cached_flags[@]}" "${named_flags[@]}" -XX:AOTCache=/payload/vm.aot \
    -Dio.netty.machineId=02:00:00:00:00:01 >"$payload/tool.flags"

  class_path lib dev
  echo "${class_path//$dist//payload}" >"$payload/classpath"
  local lock made
  made=$dist/vm-$jdk_build-$(cksum <"$here/payload.sh" | cut -d' ' -f1).aot
  exec {lock}>"$top/target/vm.lock"
  flock "$lock"
  [[ -f $made ]] || cache_for_vm "$payload/jre/bin/java" "$class_path" "$made"
  exec {lock}>&-
  cp -p "$made" "$payload/vm.aot"
}

# add_packages PAYLOAD: podslice's package in two versions, dpkg, and the stand-in for a kubelet. The payload has the image.
add_packages() {
  local payload=$1 parts=$here/../real/parts root name
  "$top/deploy/debian/build" "$payload/image" "$payload" >/dev/null
  mv "$payload"/podslice_*.deb "$payload/next.deb"
  dpkg-deb --raw-extract "$payload/next.deb" "$payload/previous"
  sed -i 's/^Version: .*/Version: 0.0.1/' "$payload/previous/DEBIAN/control"
  dpkg-deb --root-owner-group -Znone --build "$payload/previous" "$payload/previous.deb" >/dev/null
  rm -rf "$payload/previous"
  "$parts" get dpkg
  root=$("$parts" path dpkg)
  mkdir -p "$payload"/packager/usr/{bin,lib/x86_64-linux-gnu}
  for name in dpkg dpkg-deb dpkg-query dpkg-split deb-systemd-helper deb-systemd-invoke perl tar; do
    cp "$root/usr/bin/$name" "$payload/packager/usr/bin/"
  done
  cp -a "$root"/usr/lib/x86_64-linux-gnu/{perl-base,lib{lzma,zstd,bz2,md,selinux,pcre2-8,acl,crypt}.so*} \
    "$payload/packager/usr/lib/x86_64-linux-gnu/"
  cp -a "$here/kubelet" "$payload/kubelet"
}

# cache_for_vm JAVA CLASS_PATH CACHE: makes the ahead-of-time cache of podslice and of the scenarios, once a build: an emulated CPU
# spends most of a program's start on loading classes. A host without cgroup v2 and systemd meets the brain's and the D-Bus client's
# in the demo, whose node is simulated; the JDK lists them, since the demo wants modules that the VM's runtime lacks. A JVM takes its
# cache only if its class path has the jars in the order in which they were recorded; their folder may differ.
cache_for_vm() {
  local java=$1 path=$2 cache=$3 work log=$top/target/training.log
  work=$(mktemp -d)
  {
    list_classes "$java" "$path" "$work/serve" &&
      "$JAVA_HOME/bin/java" "${serve_flags[@]}" "${named_flags[@]}" "-XX:DumpLoadedClassList=$work/demo" -cp "$path" \
        io.podslice.agent.cli.Main demo --driver systemd </dev/null &&
      "$JAVA_HOME/bin/jar" --list --file "$(echo "$dist"/dev/integration*.jar)" |
      sed -n 's/^\(io\/podslice\/integration\/vm\/[^-]*\)\.class$/\1/p' >"$work/scenarios" &&
      # Classes before what is said of them, and each once: the numbers that the lists give them differ.
      grep -hv '^#\|^@cp \| source: ' "$work"/{serve,demo,scenarios} | sed 's/ id: [0-9]*$//' | LC_ALL=C sort -u >"$work/all" &&
      { grep -v '^@' "$work/all" && grep '^@' "$work/all"; } >"$work/list" &&
      dump_classes "$java" "$path" "$work/list" "$work/cache" && mv "$work/cache" "$cache"
  } >"$log" 2>&1 || tail -n 20 "$log" >&2
  rm -rf "$work"
  [[ -f $cache ]]
}

# emulator_failed FOLDER...: succeeds if a JVM whose output is in a log of these folders was ended by a fault of the emulated CPU:
# code that one CPU has just compiled and another runs is emulated wrongly now and then. podslice is Java code, which cannot cause
# such faults.
emulator_failed() {
  local folder
  for folder in "$@"; do
    ! grep -qs 'A fatal error has been detected by the Java Runtime Environment' "$folder"/*.log || return 0
  done
  return 1
}
