#!/bin/busybox sh
# Runs cgroup scripts against the kernel it stands on and prints what it answers, command by command.
# usage: interpreter.sh SCRIPT...    (as root, cgroup v2 on /sys/fs/cgroup; busybox only)
# README.md tells the commands. A transcript is the commands, each with "> " before it and its answer after it.

root=/sys/fs/cgroup

# Linux's texts of the errors, as busybox prints them after the last colon.
errno() {
  case "${1##*: }" in
    'Operation not permitted') echo EPERM ;;
    'No such file or directory' | 'nonexistent directory') echo ENOENT ;;
    'No such process') echo ESRCH ;;
    'Resource temporarily unavailable') echo EAGAIN ;;
    'Permission denied') echo EACCES ;;
    'Device or resource busy') echo EBUSY ;;
    'File exists') echo EEXIST ;;
    'No such device') echo ENODEV ;;
    'Invalid argument') echo EINVAL ;;
    'No space left on device') echo ENOSPC ;;
    'Numerical result out of range') echo ERANGE ;;
    'Value too large for defined data type') echo EOVERFLOW ;;
    'Not supported' | 'Operation not supported') echo ENOTSUP ;;
    *) echo "? $1" ;;
  esac
}

# A removed cgroup and a disabled controller give back what they had a moment later.
settle() {
  tries=0
  while [ $tries -lt 200 ]; do
    dying=0
    while read -r name count; do
      case $name in nr_dying_*) [ "$count" = 0 ] || dying=1 ;; esac
    done <$root/cgroup.stat
    [ $dying = 1 ] || return
    tries=$((tries + 1))
    sleep 0.01
  done
}

write() { # DIR FILE TEXT
  if [ ! -d "$1" ] || [ ! -e "$1/$2" ]; then
    echo ENOENT
    return
  fi
  # A subshell of its own: the error of a builtin must not end this one.
  if error=$( (echo "$3" >"$1/$2") 2>&1); then echo ok; else errno "$error"; fi
  case $2 in
    cgroup.subtree_control) settle ;;
    cgroup.kill) until grep -q 'populated 0' "$1/cgroup.events"; do sleep 0.01; done ;;
  esac
}

show() { # FILE
  if [ ! -e "$1" ]; then
    echo ENOENT
  elif text=$(cat "$1" 2>&1); then
    echo "$text"
  else
    errno "$text"
  fi
}

procs() { # DIR
  if ! pids=$(cat "$1/cgroup.procs" 2>&1); then
    errno "$pids"
    return
  fi
  names=
  for name in $started; do
    eval "pid=\$pid_$name"
    for one in $pids; do
      [ "$one" != "$pid" ] || names="$names $name"
    done
  done
  echo "${names# }"
}

start() { # NAME DIR
  sleep 100000 &
  pid=$!
  answer=$(write "$2" cgroup.procs $pid)
  if [ "$answer" = ok ]; then
    eval "pid_$1=$pid"
    started="$started $1"
  else
    kill -9 $pid
    wait $pid 2>/dev/null
  fi
  echo "$answer"
}

allowed() { # NAME FIELD
  eval "pid=\$pid_$1"
  while read -r key value; do
    [ "$key" != "$2:" ] || echo "$value"
  done </proc/$pid/status
}

# The files that the simulation has as well: no pressure, no statistics of use, no io, rdma, misc.
files() { # DIR
  if [ ! -d "$1" ]; then
    echo ENOENT
    return
  fi
  for file in "$1"/*; do
    [ ! -d "$file" ] || continue
    case ${file##*/} in
      *.pressure | *numa_stat | *.local | io.* | rdma.* | misc.* | memory.stat | memory.swap.events | memory.zswap.* | cgroup.threads) ;;
      *) echo "${file##*/}" ;;
    esac
  done
}

children() { # DIR
  for dir in "$1"/*/; do
    [ ! -d "$dir" ] || basename "$dir"
  done
}

run() { # COMMAND ARGUMENT...
  command=$1
  shift
  case $command in
    mkdir) if error=$(mkdir "$root$1" 2>&1); then echo ok; else errno "$error"; fi ;;
    rmdir)
      if error=$(rmdir "$root$1" 2>&1); then echo ok; else errno "$error"; fi
      settle
      ;;
    write) write "$root$1" "$2" "$3" ;;
    read) show "$root$1/$2" ;;
    files) files "$root$1" ;;
    children) children "$root$1" ;;
    start) start "$1" "$root$2" ;;
    move)
      eval "pid=\$pid_$1"
      write "$root$2" cgroup.procs "$pid"
      ;;
    exit)
      eval "pid=\$pid_$1"
      kill -9 "$pid" 2>/dev/null
      wait "$pid" 2>/dev/null
      echo ok
      ;;
    procs) procs "$root$1" ;;
    cpus) allowed "$1" Cpus_allowed_list ;;
    mems) allowed "$1" Mems_allowed_list ;;
    *) echo "? no such command" ;;
  esac
}

for script in "$@"; do
  started=
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
