#!/bin/busybox sh
# Runs systemd scripts against the systemd and the kernel it stands on and prints what they answer, command by command.
# usage: interpreter.sh SCRIPT...    (as root; busybox, busctl and systemctl; a system bus)
# README.md tells the commands. A transcript is the commands, each with "> " before it and its answer after it.

root=/sys/fs/cgroup
attributes="cpu.idle cpu.max cpu.max.burst cpu.weight cpuset.cpus cpuset.cpus.exclusive cpuset.mems hugetlb.2MB.max
  memory.high memory.low memory.max memory.min memory.oom.group memory.swap.max pids.max"

# The error's name, which busctl does not print, by systemd's text.
error() {
  case "$1" in
    *'not loaded.') echo NoSuchUnit ;;
    *'is not valid.' | *'out of range'*) echo InvalidArgs ;;
    *'Cannot set property'*) echo PropertyReadOnly ;;
    *'already exists.' | *'already loaded'*) echo UnitExists ;;
    *) echo "? $1" ;;
  esac
}

call() { # METHOD SIGNATURE ARGUMENT...: of systemd's manager
  busctl call -- org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager "$@" 2>&1
}

done_or_error() { # METHOD SIGNATURE ARGUMENT...
  if answer=$(call "$@"); then echo ok; else error "$answer"; fi
}

mask() { # LIST: its bits as busctl's array of bytes, of CPUs 0 to 7 the first
  bits=0
  for range in $(echo "$1" | tr , ' '); do
    number=${range%-*}
    while [ "$number" -le "${range#*-}" ]; do
      bits=$((bits | 1 << number))
      number=$((number + 1))
    done
  done
  count=0 bytes=
  while [ $bits -gt 0 ]; do
    bytes="$bytes $((bits & 255))"
    bits=$((bits >> 8))
    count=$((count + 1))
  done
  echo "$count$bytes"
}

properties() { # NAME=VALUE...: as busctl's array of structures
  text=$#
  for property in "$@"; do
    name=${property%%=*} value=${property#*=}
    case $name in
      AllowedCPUs | AllowedMemoryNodes) text="$text $name ay $(mask "$value")" ;;
      Slice | Description | CPUSetPartition) text="$text $name s $value" ;;
      Wants) text="$text $name as 1 $value" ;;
      PIDs) text="$text $name au 1 $value" ;;
      Delegate | *Accounting | DefaultDependencies) text="$text $name b $value" ;;
      *)
        [ "$value" != max ] || value=18446744073709551615
        text="$text $name t $value"
        ;;
    esac
  done
  echo "$text"
}

path() { # UNIT: the directory of a slice
  case $1 in
    -.slice) return ;;
  esac
  name=${1%.slice} parent=
  result=
  while [ "$name" != "${name#*-}" ]; do
    parent="${parent:+$parent-}${name%%-*}"
    name=${name#*-}
    result="$result/$parent.slice"
  done
  echo "$result/$1"
}

started() { # UNIT: waits until its job has ended
  tries=0
  while [ $tries -lt 100 ]; do
    case $(systemctl show --property=Job --value "$1") in '' | 0) break ;; esac
    tries=$((tries + 1))
    sleep 0.05
  done
  if [ "$(systemctl show --property=ActiveState --value "$1")" = active ]; then echo ok; else echo failed; fi
}

start() { # UNIT PROPERTIES
  if answer=$(call StartTransientUnit 'ssa(sv)a(sa(sv))' "$1" replace $2 0); then started "$1"; else error "$answer"; fi
}

# systemd writes attributes after it has answered, and gives a controller up some time after a unit's end.
settle() {
  sleep 0.2
  systemctl show --property=Version >/dev/null
}

slice() { # UNIT NAME=VALUE...: with the properties of libcontainer
  unit=$1
  shift
  parent=${unit%.slice}
  case $parent in
    *-*) parent=${parent%-*}.slice ;;
    *) parent=-.slice ;;
  esac
  start "$unit" "$(properties Description=pod Wants=$parent MemoryAccounting=true CPUAccounting=true IOAccounting=true \
    TasksAccounting=true DefaultDependencies=false "$@")"
}

scope() { # UNIT SLICE PROCESS NAME=VALUE...: with the properties of libcontainer
  unit=$1 slice=$2 process=$3
  shift 3
  sleep 100000 &
  eval "pid_$process=$!"
  start "$unit" "$(properties Description=container Slice=$slice Delegate=true PIDs=$! MemoryAccounting=true \
    CPUAccounting=true IOAccounting=true TasksAccounting=true DefaultDependencies=false "$@")"
}

exited() { # PROCESS: its scope ends with it
  eval "pid=\$pid_$1"
  dir=$(cut -d: -f3 "/proc/$pid/cgroup")
  kill -9 "$pid"
  wait "$pid" 2>/dev/null
  tries=0
  while [ -d "$root$dir" ] && [ $tries -lt 200 ]; do
    tries=$((tries + 1))
    sleep 0.05
  done
  if [ -d "$root$dir" ]; then echo "? $dir is still there"; else echo ok; fi
}

# As libcontainer does before it writes values.
controllers() { # PATH
  above=
  for name in '' $(dirname "$1" | tr / ' '); do
    above=$above${name:+/$name}
    for controller in $(cat $root/cgroup.controllers); do
      echo "+$controller" >"$root$above/cgroup.subtree_control"
    done
  done
  echo ok
}

write() { # FILE TEXT
  if [ ! -e "$1" ]; then
    echo ENOENT
  elif error=$( (echo "$2" >"$1") 2>&1); then
    echo ok
  else
    echo "${error##*: }"
  fi
}

values() { # PATH: a line an attribute that is there
  if [ ! -d "$root$1" ]; then
    echo ENOENT
    return
  fi
  for attribute in $attributes; do
    [ ! -e "$root$1/$attribute" ] || echo "$attribute $(cat "$root$1/$attribute")"
  done
}

# Values that are no defaults, written by hand.
drift() { # PATH CPU
  while read -r attribute value; do
    [ ! -e "$root$1/$attribute" ] || echo "$value" >"$root$1/$attribute" || echo "? $attribute"
  done <<VALUES
cpu.idle 0
cpu.weight 321
cpu.max 33000 100000
cpu.max.burst 7000
cpuset.cpus 1,4-5
cpuset.mems 1
cpuset.cpus.exclusive $2
hugetlb.2MB.max 6291456
memory.high 209715200
memory.low 2097152
memory.max 314572800
memory.min 1048576
memory.oom.group 1
memory.swap.max 104857600
pids.max 777
VALUES
  values "$1" >"/tmp/drift$(echo "$1" | tr / _)"
  echo ok
}

# What is not as `drift` left it.
changes() { # PATH
  if [ ! -d "$root$1" ]; then
    echo gone
    return
  fi
  before=/tmp/drift$(echo "$1" | tr / _)
  kept=yes
  while read -r attribute value; do
    if [ ! -e "$root$1/$attribute" ]; then
      echo "$attribute gone"
      kept=no
    elif now=$(cat "$root$1/$attribute") && [ "$now" != "$value" ]; then
      echo "$attribute $value -> ${now:-empty}"
      kept=no
    fi
  done <"$before"
  [ $kept = no ] || echo kept
}

reexec() {
  systemctl daemon-reexec 2>/dev/null
  tries=0
  until call GetUnit s -.slice >/dev/null || [ $tries -gt 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  echo ok
}

run() { # COMMAND ARGUMENT...
  command=$1
  shift
  case $command in
    slice) slice "$@" ;;
    scope) scope "$@" ;;
    set)
      unit=$1
      shift
      done_or_error SetUnitProperties 'sba(sv)' "$unit" true $(properties "$@")
      ;;
    stop) if answer=$(systemctl stop "$1" 2>&1); then echo ok; else error "$answer"; fi ;;
    revert) done_or_error RevertUnitFiles as 1 "$1" ;;
    exists) if call GetUnit s "$1" >/dev/null; then echo yes; else echo no; fi ;;
    reload) if answer=$(systemctl daemon-reload 2>&1); then echo ok; else error "$answer"; fi ;;
    reexec) reexec ;;
    exit) exited "$1" ;;
    controllers) controllers "$1" ;;
    write) write "$root$1/$2" "$3" ;;
    read) if [ -e "$root$1/$2" ]; then echo "$(cat "$root$1/$2")"; else echo ENOENT; fi ;;
    values) values "$1" ;;
    drift) drift "$1" "$2" ;;
    changes) changes "$1" ;;
    dropin)
      mkdir -p "/etc/systemd/system/$1.d"
      printf '[Slice]\n%s\n' "$2" >"/etc/systemd/system/$1.d/10-podslice.conf"
      echo ok
      ;;
    undrop)
      rm -r "/etc/systemd/system/$1.d"
      echo ok
      ;;
    *) echo "? no such command" ;;
  esac
  case $command in slice | scope | set | stop | revert | reload | reexec | exit) settle ;; esac
}

for script in "$@"; do
  while IFS= read -r line; do
    case $line in
      '' | '#'*) continue ;;
    esac
    echo "> $line"
    # The script's own quotes make the words.
    eval "run $line" 2>&1
  done <"$script"
done
exit 0
