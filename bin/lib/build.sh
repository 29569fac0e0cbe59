# Builds podslice from its sources where what was built last does not match them. To be sourced by bash after jdk.sh;
# needs `top`, the checkout.
#
# The program runs from target/dist/: lib/ has its jars, dev/ the further jars of the demo and the benchmarks, and
# podslice-JDK.aot its ahead-of-time cache for that JDK, made when it serves for the first time. The folder is a copy,
# replaced as a whole, so that a build does not remove jars that a running podslice uses.

say() {
    printf 'podslice: %s\n' "$*" >&2
}

# Flags of the program on a node. Training and use of the ahead-of-time cache must agree in all but the last. Memory
# that the compilers have freed in the C library's arenas, a fifth of the program's after a start, is returned every 5 s.
# The cache has its strings in a table of its own, so the table of the other interned strings begins small (1/2 MiB
# less), and the little code that is compiled shares one segment. Without performance data the JVM has nothing to say
# of a file that it cannot make in /tmp. No memory in the heap ends the process with status 3 and a line that says so; other
# Errors end it in agent.cli.Uncaught. A full collection leaves no more of the heap free than a third, at once:
# agent.cli.HeapRest asks for one after a burst. The first compiler alone, and a young generation of 5 MiB: docs/decisions/jvm-flags.md.
serve_flags=(
    -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms10m -Xmn5m -Xmx64m -XX:MaxDirectMemorySize=64m -Xss512k -XX:TrimNativeHeapInterval=5000
    -XX:+UseCompactObjectHeaders -XX:StringTableSize=4096 -XX:ReservedCodeCacheSize=64m -XX:-UsePerfData
    -XX:+ExitOnOutOfMemoryError -XX:MinHeapFreeRatio=20 -XX:MaxHeapFreeRatio=30 -XX:-ShrinkHeapInSteps
    --enable-native-access=ALL-UNNAMED
    -Djava.awt.headless=true
)

# Flags that go with the cache. A cache that the JVM cannot use is no reason to fail, nor to write into what the
# program prints. Mapped where it was made for, it need not be relocated: a tenth of a second on a busy machine, and
# more on an emulated one, where the JVM's relocating threads spin for each other.
cached_flags=(
    -Xlog:aot=off -Xlog:cds=off
    -XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0
)

# Names the classes of service providers for the JVM and SLF4J, which otherwise search every jar for them: to open and
# list them all takes 3 MiB. The JDK's class has had that name for twenty years; without it no cache can be made.
named_flags=(
    -Dslf4j.provider=io.podslice.agent.log.LogProvider -Dslf4j.internal.verbosity=WARN
    -Djava.nio.channels.spi.SelectorProvider=sun.nio.ch.EPollSelectorProvider
)

# Flags of everything else, which lives for seconds: the first compiler alone starts fastest.
tool_flags=(
    -XX:+UseSerialGC -XX:-UsePerfData -XX:TieredStopAtLevel=1 -Xmx256m
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
    -Djava.awt.headless=true
)

# The state of the sources in one line: any file added, removed, touched or resized changes it.
fingerprint() {
    (cd "$top" && find pom.xml */pom.xml .mvn bin/lib/build.sh */src/main -type f -printf '%p %s %T@\n') | cksum
}

# source_date: prints the time of all files that are made, in seconds since 1970: SOURCE_DATE_EPOCH, else that of the jars.
source_date() {
    local stamp
    if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
        echo "$SOURCE_DATE_EPOCH"
    else
        stamp=$(sed -n 's:.*<project.build.outputTimestamp>\(.*\)</.*:\1:p' "$top/pom.xml")
        date --date="$stamp" +%s
    fi
}

# project_version: prints the version of the project, without what Maven calls a snapshot.
project_version() {
    local version
    version=$(sed -n '/<artifactId>podslice<\/artifactId>/,/<\/version>/s:.*<version>\(.*\)</version>.*:\1:p' "$top/pom.xml")
    echo "${version%-SNAPSHOT}"
}

# machine_architecture: prints this machine's architecture as Debian names it.
machine_architecture() {
    case $(uname -m) in
        x86_64) echo amd64 ;;
        aarch64) echo arm64 ;;
        *) uname -m ;;
    esac
}

# image_architecture IMAGE: prints the architecture of the JVM in an image's folder, as Debian names it: what its ELF header says.
image_architecture() {
    local machine
    machine=$(od -An --endian=little --format=u2 --skip-bytes=18 --read-bytes=2 "$1/jvm/bin/java") || return 1
    case ${machine// /} in
        62) echo amd64 ;;
        183) echo arm64 ;;
        *)
            echo "podslice: $1/jvm/bin/java: a program for ELF machine ${machine// /}" >&2
            return 1
            ;;
    esac
}

# What runs an image's JVM that is made for another architecture: an emulator and its arguments.
emulator=()

# Jars whose classes podslice loads before a client uses the node API or NRI, without metrics. A class that is not in the
# cache is searched in one jar after the other, and each jar that was searched stays open.
first_jars=(
    agent cgroups cluster grpc managers node nri proto shim slf4j-api snakeyaml-engine
    jackson-annotations jackson-core jackson-databind jackson-dataformat-yaml
)

# class_path FOLDER...: sets class_path to the folders' jars, in a fixed order: the cache depends on it.
class_path() {
    local folder name jar first= last LC_ALL=C
    class_path=
    for folder in "$@"; do
        first= last=:
        for jar in "$dist/$folder"/*.jar; do
            last+=$jar:
        done
        for name in "${first_jars[@]}"; do
            # The version follows the name: gRPC's own jars begin with the name of one of podslice's.
            for jar in "$dist/$folder/$name".jar "$dist/$folder/$name"-[0-9]*.jar; do
                if [[ $last == *":$jar:"* ]]; then
                    last=${last/":$jar:"/:}
                    first+=$jar:
                fi
            done
        done
        class_path+=${class_path:+:}$first${last#:}
        class_path=${class_path%:}
    done
}

# find_maven: sets maven to PATH's mvn, else to the wrapper's, which fetches a Maven from Maven Central into ~/.m2 once; needs
# JAVA_HOME. Without either, says what to install, and fails.
find_maven() {
    maven=mvn
    type -P mvn >/dev/null && return 0
    maven=$top/mvnw
    if ! "$maven" --version >/dev/null; then
        {
            echo "podslice is built with Maven 3.8.6 or newer: there is no mvn in PATH, and none could be fetched."
            echo "  apt install maven"
        } >&2
        return 1
    fi
}

# progress PREFIX: reads Maven's output and prints one line, which begins with PREFIX, for each module that is reached.
progress() {
    local line
    while IFS= read -r line; do
        if [[ $line =~ ^\[INFO\]\ Building\ (.*)\ [^\ ]+\ +\[([0-9]+/[0-9]+)\]$ ]]; then
            echo "$1: ${BASH_REMATCH[2]} ${BASH_REMATCH[1]}" >&2
        fi
    done
}

# ensure_built: brings target/dist up to date. One build at a time; the others wait for it.
ensure_built() {
    local now lock
    dist=$top/target/dist
    now=$(fingerprint)
    if [ -r "$dist/sources" ] && [ "$(< "$dist/sources")" = "$now" ]; then
        return 0
    fi
    find_maven || return 1
    mkdir -p "$top/target"
    exec {lock}> "$top/target/build.lock"
    if ! flock -n "$lock"; then
        say "another build is under way; waiting for it"
        flock "$lock"
    fi
    now=$(fingerprint)
    if [ ! -r "$dist/sources" ] || [ "$(< "$dist/sources")" != "$now" ]; then
        build "$now" || return 1
    fi
    exec {lock}>&-
}

build() {
    local now=$1 log=$top/target/build.log new=$top/target/dist.new
    if [ -e "$dist" ]; then
        say "the sources have changed since the last build"
    else
        say "first use: building, which takes a minute or two, longer if libraries have to be fetched"
    fi
    rm -rf "$top"/agent/target/lib "$top"/integration/target/lib # a library that is no longer used would stay
    # Nothing of deploy/ runs on a node, and its tests' libraries are large.
    if ! (cd "$top" && exec "$maven" -B --no-transfer-progress -pl '!deploy' -Dmaven.test.skip=true package) </dev/null 2>&1 | tee "$log" | progress "podslice: building" ||
        ! grep -q 'BUILD SUCCESS' "$log"; then
        sed -nE '/\[Help 1\]/d; /^\[WARNING\].*\.java:/p; /^\[ERROR\] *$/q; /^\[ERROR\]/p' "$log" | head -40 >&2
        say "the build failed; all of its output is in $log"
        return 1
    fi
    rm -rf "$new"
    mkdir -p "$new/lib" "$new/dev"
    cp -p "$top"/agent/target/*.jar "$top"/agent/target/lib/*.jar "$new/lib/"
    cp -p "$top"/integration/target/*.jar "$top"/integration/target/lib/*.jar "$new/dev/"
    (cd "$new/lib" && for jar in *.jar; do rm -f "../dev/$jar"; done)
    echo "$now" > "$new/sources"
    rm -rf "$dist"
    mv "$new" "$dist"
    say "built"
}

# ensure_trained: makes the ahead-of-time cache of this build and this JDK, and sets aot_flags to the flags that
# use it; to none where it cannot be made, since the program runs without it, but starts more slowly.
ensure_trained() {
    local lock
    jdk_feature "$JAVA_HOME"
    cache=$dist/podslice-$jdk_build.aot
    if [ ! -e "$cache" ]; then
        exec {lock}> "$top/target/build.lock"
        flock "$lock"
        if [ ! -e "$cache" ]; then
            say "first start of this build: recording the classes and methods that it uses, which takes some seconds"
            class_path lib
            if ! train "$JAVA_HOME/bin/java" "$class_path" "$cache" > "$top/target/training.log" 2>&1; then
                say "no ahead-of-time cache could be made, so starting takes longer; the reason is in $top/target/training.log"
                : > "$cache" # the next start need not try again
            fi
        fi
        exec {lock}>&-
    fi
    aot_flags=()
    [ ! -s "$cache" ] || aot_flags=("-XX:AOTCache=$cache" "${cached_flags[@]}" "${named_flags[@]}")
}

# rehearse JAVA CLASS_PATH FLAG...: lets `podslice serve` on that JVM and class path, with further flags, meet a runtime and a
# kubelet, both simulated.
rehearse() {
    local java=$1 path=$2 folder served status=0
    shift 2
    folder=$(mktemp -d) || return 1
    # The default configuration, with other folders for all files.
    "$java" "${tool_flags[@]}" -cp "$path" io.podslice.agent.cli.Main config default </dev/null |
        sed -e "s:unix\:///run/podslice/:unix\://$folder/:; s:unix\:///.*/containerd.sock:unix\://$folder/runtime.sock:" \
            -e "s:/sys/fs/cgroup:$folder:; s:/var/lib/podslice:$folder/state:; s:/var/lib/kubelet/:$folder/:; s:/etc/kubernetes/m:$folder/m:" > "$folder/podslice.yaml" || status=1
    "$java" "${serve_flags[@]}" "${named_flags[@]}" "$@" -cp "$path" \
        io.podslice.agent.cli.Main serve --config "$folder/podslice.yaml" </dev/null &
    served=$!
    class_path lib dev
    "$JAVA_HOME/bin/java" "${tool_flags[@]}" -cp "$class_path" io.podslice.integration.training.TrainingLoad \
        "$folder/runtime.sock" "$folder/cri.sock" </dev/null || status=1
    kill -TERM "$served" || status=1
    wait "$served" || status=1
    rm -rf "$folder"
    return "$status"
}

# Flags of the recording: what the second compiler would learn is of no use to the first.
training_flags=(-XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining)

# train JAVA CLASS_PATH CACHE: records the classes that a rehearsal loads, and makes a cache of them.
train() {
    local java=$1 path=$2 out=$3 recorded status=0
    recorded=$(mktemp -d) || return 1
    rehearse "$java" "$path" "${training_flags[@]}" -XX:AOTMode=record "-XX:AOTConfiguration=$recorded/classes" || status=1
    [ "$status" -ne 0 ] ||
        "$java" "${serve_flags[@]}" "${named_flags[@]}" "${training_flags[@]}" -XX:AOTMode=create \
            "-XX:AOTConfiguration=$recorded/classes" \
            "-XX:AOTCache=$recorded/cache" -cp "$path" </dev/null || status=1
    [ "$status" -ne 0 ] || mv "$recorded/cache" "$out" || status=1
    rm -rf "$recorded"
    return "$status"
}

# list_classes JAVA CLASS_PATH LIST: writes the names of the classes that a rehearsal loads, sorted. Two rehearsals differ in
# a few of them, so that a cache is reproducible only from one list.
list_classes() {
    local java=$1 path=$2 out=$3 recorded status=0
    recorded=$(mktemp -d) || return 1
    rehearse "$java" "$path" "-XX:DumpLoadedClassList=$recorded/classes" || status=1
    # Without comments, and what was resolved in constant pools, which depends on how threads take turns.
    [ "$status" -ne 0 ] || grep -v '^#\|^@cp ' "$recorded/classes" | LC_ALL=C sort -u > "$out" || status=1
    rm -rf "$recorded"
    return "$status"
}

# store_classes FOLDER CLASS_PATH LIST: makes FOLDER/lib/podslice.aot of the classes of a list, with the JVM in FOLDER/jvm. The class path
# is relative to FOLDER. Of the same list, jars and JVM the cache has the same bytes, unlike one that is trained; but the JVM does
# not keep that promise always (JDK-8377712). So for jars and a JVM that the list does not know yet, caches are made until two are equal;
# the digest is noted in the list, as a comment, and the cache kept beside it. Later caches are made until one has that digest; where none
# has, the kept one is taken, if it is still there.
store_classes() {
    local folder=$1 path=$2 list=$3 work inputs noted kept tries made sum='' seen=' ' status=1
    inputs=$(cd "$folder" && find jvm lib -type f ! -name podslice.aot -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum) || return 1
    inputs=${inputs%% *}
    noted=$(sed -n "s/^# cache of $inputs: //p" "$list")
    kept=$list-${inputs:0:16}.aot
    tries=20
    if [ -n "$noted" ] && [ -e "$kept" ]; then
        tries=4
    fi
    work=$(mktemp -d) || return 1
    for ((made = 1; made <= tries; made++)); do
        if ! dump_copy "$folder" "$path" "$list" "$work/cache"; then
            echo "the JVM makes no cache of the classes in $list" >&2
            break
        fi
        sum=$(sha256sum < "$work/cache") || break
        sum=${sum%% *}
        echo "cache $made of $inputs: $sum"
        if [ -z "$noted" ] && [[ $seen == *" $sum "* ]]; then
            cp "$work/cache" "$kept.new" && mv "$kept.new" "$kept" && echo "# cache of $inputs: $sum" >> "$list" || break
            noted=$sum
        fi
        if [ "$sum" = "$noted" ]; then
            cp "$work/cache" "$folder/lib/podslice.aot" && status=0
            break
        fi
        seen+="$sum "
    done
    if [ "$status" -ne 0 ]; then
        echo "caches made in vain: $((made > tries ? tries : made)); $list asks for ${noted:-two that are equal}" >&2
        if [ -n "$noted" ] && [ -e "$kept" ] && [ -s "$work/cache" ]; then
            compare_caches "$kept" "$work/cache"
            if echo "$noted  $kept" | sha256sum --check --status; then
                say "the JVM makes other bytes of $list than at first (JDK-8377712); the cache in $kept is taken"
                cp "$kept" "$folder/lib/podslice.aot" && status=0
            else
                echo "$kept has another digest, too" >&2
            fi
        fi
    fi
    rm -rf "$work"
    return "$status"
}

# compare_caches ONE OTHER: says how many bytes differ, and where most of them are, by MiB.
compare_caches() {
    cmp -l "$1" "$2" |
        awk '{ of[int($1 / 1048576)]++; all++ } END { printf "podslice: %d bytes of the cache differ; by MiB:", all; for (m in of) printf " %d: %d", m, of[m]; print "" }' >&2 || true
}

# dump_copy FOLDER CLASS_PATH LIST CACHE: makes the cache once, with a copy of the folder's JVM and jars whose path has one length
# wherever the folder is: it goes into the bytes.
dump_copy() {
    local copy status=1
    copy=$(mktemp -d "${TMPDIR:-/tmp}/podslice-XXXXXX") || return 1
    if cp -rp "$1/jvm" "$1/lib" "$copy" && rm -f "$copy/lib/podslice.aot"; then
        (cd "$copy" && dump_classes jvm/bin/java "$2" "$3" lib/podslice.aot) && mv "$copy/lib/podslice.aot" "$4" && status=0
    fi
    rm -rf "$copy"
    return "$status"
}

# dump_classes JAVA CLASS_PATH LIST CACHE: makes the cache once. Epsilon moves no object, and collects none: the order in which other
# collectors leave the objects that are stored differs now and then. ZGC's caches have none, but SerialGC refuses them: ZGC has no
# compressed references. The locale goes into the cache, and other variables may; addresses are not random where that is allowed.
dump_classes() {
    local flag
    local -a flags=() plain=(env -i "PATH=$PATH" LC_ALL=C)
    ! setarch --addr-no-randomize true 2>/dev/null || plain+=(setarch --addr-no-randomize)
    for flag in "${serve_flags[@]}"; do
        case $flag in
            -XX:+UseSerialGC | -Xm[nsx]*) ;;
            *) flags+=("$flag") ;;
        esac
    done
    "${plain[@]}" "${emulator[@]}" "$1" "${flags[@]}" -XX:+UnlockExperimentalVMOptions -XX:+UseEpsilonGC -Xmx1g "${named_flags[@]}" -Xint \
        -Xshare:dump "-XX:SharedClassListFile=$3" "-XX:SharedArchiveFile=$4" -cp "$2" </dev/null
}
