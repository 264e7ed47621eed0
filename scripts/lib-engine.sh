# A private Docker Engine in one folder: dockerd and a containerd of its own,
# with data, sockets, logs and process ids under DIR, beside whatever other
# Engine the machine has. Meant to be sourced after lib.sh.
#
#   engine_start DIR [own|host [RELEASE]]
#                                 starts it, in Swarm mode; does nothing when it runs
#   engine_run DIR NET [RELEASE]  starts it, in whatever Swarm it is a node of, if any
#   engine_stop DIR               stops all of it and removes DIR
#   engine_host DIR               what DOCKER_HOST is for it
#   engine_answers DIR            does it run?
#
# `own` gives it a network namespace (DIR/netns): Swarm's ports 2377, 7946 and
# 4789 collide with no other Engine's, and the machine's firewall is not touched;
# published ports are reached by `nsenter --net=DIR/netns`. `host` publishes on the
# machine itself, also without touching the firewall, for want of which its
# containers reach each other but nothing outside. A path is that of a namespace which
# others have made and remove again; in it the Engine is called as its folder is.
#
# RELEASE is a release of Debian: its Engine is taken instead of the machine's, from
# ROOTS/RELEASE, which debootstrap makes once and nobody removes.
# shellcheck shell=bash

# Socket paths have 107 bytes at most, and dockerd appends up to 45.
ENGINE_DIR_MAX=60
ENGINE_START_SECONDS=90
ENGINE_STOP_SECONDS=20

engine_host() {
	printf 'unix://%s/sock\n' "$1"
}

engine_docker() {
	local dir=$1
	shift
	env -u DOCKER_CONTEXT -u DOCKER_TLS_VERIFY docker -H "unix://$dir/sock" "$@"
}

engine_answers() {
	[ -S "$1/sock" ] && timeout 10 env -u DOCKER_CONTEXT -u DOCKER_TLS_VERIFY \
		docker -H "unix://$1/sock" version --format '{{.Server.Version}}' >/dev/null 2>&1
}

engine_is_manager() {
	[ "$(engine_docker "$1" info --format '{{.Swarm.ControlAvailable}}' 2>/dev/null)" = true ]
}

# "active", "inactive", or what lies between while the Engine finds out.
engine_swarm_is() {
	[[ " $2 " == *" $(engine_docker "$1" info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null) "* ]]
}

engine_check_dir() {
	[[ "$1" == /* && "$1" != *[[:space:]\\]* && "$1" != */ && "$1" != *..* ]] ||
		die "'$1' cannot hold an Engine: an absolute path without spaces is needed"
	((${#1} <= ENGINE_DIR_MAX)) ||
		die "'$1' cannot hold an Engine: sockets allow a path of $ENGINE_DIR_MAX bytes at most"
	engine_was_here "$1" || [ ! -e "$1" ] || rmdir "$1" 2>/dev/null ||
		die "'$1' cannot hold an Engine: it has files that are none of an Engine's"
}

# Nothing is written to or removed from a folder that is not marked as an Engine's.
engine_was_here() {
	[ -e "$1/zpm-engine" ]
}

# engine_processes DIR PROGRAM...: ids of this Engine's processes, one a line, known
# by the path they were started with. A process id in a file may since have gone to
# another process; a path has not.
engine_processes() {
	local dir=$1 file args
	shift
	for file in /proc/[0-9]*/cmdline; do
		{ mapfile -d '' -t args <"$file"; } 2>/dev/null || continue
		if ((${#args[@]})) && [[ " $* " == *" ${args[0]##*/} "* && "${args[*]}" == *[\ =]"$dir"/* ]]; then
			file=${file#/proc/}
			printf '%s\n' "${file%/cmdline}"
		fi
	done
}

# The control groups of this Engine's containers, the innermost first.
engine_cgroups() {
	local path
	while read -r path; do
		if [[ "$path" =~ [0-9a-f]{64} && -d "$1/data/containers/${BASH_REMATCH[0]}" ]]; then
			printf '%s\n' "$path"
		fi
	done < <(find /sys/fs/cgroup -depth -type d -path '*[0-9a-f][0-9a-f][0-9a-f][0-9a-f]*' 2>/dev/null)
}

all_gone() {
	local pid
	for pid in "$@"; do
		[ ! -e "/proc/$pid" ] || [ "$(awk '/^State:/ { print $2 }' "/proc/$pid/status" 2>/dev/null)" = Z ] || return 1
	done
}

# end_processes SECONDS [PID...]: asks them to end, and ends those that have not by then.
end_processes() {
	local seconds=$1
	shift
	(($#)) || return 0
	kill -TERM "$@" 2>/dev/null || :
	if ! until_true "$seconds" all_gone "$@"; then
		kill -KILL "$@" 2>/dev/null || :
		until_true 10 all_gone "$@" || warn "these processes do not end: $*"
	fi
}

# Ended processes and mounts go a moment later than asked, and others may be removing
# the same; so these two are repeated until there is nothing left.
engine_remove_cgroups() {
	local cgroups
	mapfile -t cgroups < <(engine_cgroups "$1")
	((${#cgroups[@]} == 0)) || rmdir "${cgroups[@]}" 2>/dev/null
}

engine_unmount() {
	local mounts
	mapfile -t mounts < <(awk -v dir="$1/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | sort -r)
	((${#mounts[@]} == 0)) || umount -l "${mounts[@]}" 2>/dev/null
}

# Ends the Engine whatever state it is in, and removes what a killed one leaves:
# containers with their supervisors, control groups, sockets, mounts. Its data stays.
# Gives it SECONDS to end by itself: engine_sweep DIR [SECONDS]
engine_sweep() {
	local dir=$1 seconds=${2:-$ENGINE_STOP_SECONDS} pids address
	mapfile -t pids < <(engine_processes "$dir" dockerd)
	end_processes "$seconds" "${pids[@]}"
	mapfile -t pids < <(engine_processes "$dir" containerd)
	end_processes "$seconds" "${pids[@]}"

	for address in "$dir"/containerd/state/io.containerd.runtime.v2.task/*/*/address; do
		[ ! -f "$address" ] || rm -f "$(sed 's,^unix://,,' "$address")"
	done
	mapfile -t pids < <(
		engine_processes "$dir" containerd-shim-runc-v2 runc
		engine_cgroups "$dir" | sed 's,$,/cgroup.procs,' | xargs -r cat 2>/dev/null | sort -u
	)
	end_processes 0 "${pids[@]}"
	until_true 10 engine_remove_cgroups "$dir" || warn "some control groups of the Engine in $dir are still there"
	until_true 10 engine_unmount "$dir" || warn "something is still mounted in $dir"
	[ ! -e "$dir/made-gwbridge" ] || engine_sweep_host "$dir"
}

link_exists() {
	ip link show "$1" >/dev/null 2>&1
}

bridge_is_idle() {
	[ -z "$(ip -o link show master "$1")" ]
}

# In the machine's own network: the bridge of the overlay networks, and what the
# routing mesh adds to the firewall (it asks nobody). Another Engine that has since
# entered Swarm mode has its containers on that bridge: then it is no longer ours.
engine_sweep_host() {
	local table rule words
	rm -f "$1/made-gwbridge"
	if ! link_exists docker_gwbridge || ! until_true 10 bridge_is_idle docker_gwbridge; then
		return 0
	fi
	for table in nat filter; do
		while read -r rule; do
			read -ra words <<<"$rule"
			iptables -w -t "$table" "${words[@]}" || warn "firewall: iptables -t $table $rule failed"
		done < <(iptables -w -t "$table" -S | awk '
			/^-A/ && /DOCKER-INGRESS|docker_gwbridge/ { sub(/^-A/, "-D"); print }
			/^-N DOCKER-INGRESS$/ { last = "-X DOCKER-INGRESS" }
			END { if (last) print last }')
	done
	ip link delete docker_gwbridge
}

# Both daemons are told of every path, so that no file of the machine's own Engine
# (/etc/docker/daemon.json, /run/containerd) is read or written.
engine_configure() {
	local dir=$1 release=$2
	mkdir -p "$dir"
	touch "$dir/zpm-engine"
	mkdir -p "$dir/containerd"
	cat >"$dir/containerd/config.toml" <<-END
		version = 2
		root = "$dir/containerd/root"
		state = "$dir/containerd/state"
		disabled_plugins = ["io.containerd.grpc.v1.cri"]
		[grpc]
		  address = "$dir/containerd/sock"
		[plugins."io.containerd.internal.v1.opt"]
		  path = "$dir/containerd/opt"
	END
	# Only versions before 24 have this key; later ones write no such file.
	if [[ -z "$release" && "$(dockerd --version)" =~ version\ (1[0-9]|2[0-3])\. ]]; then
		printf '{"deprecated-key-path": "%s/key.json"}\n' "$dir"
	else
		printf '{}\n'
	fi >"$dir/daemon.json"
}

# spawn LOG COMMAND...: in a session of its own, so that an interrupt at the terminal
# does not reach it, and without the caller's files, one of which may be a lock.
spawn() (
	log=$1
	shift
	for fd in /proc/self/fd/*; do
		[[ "${fd##*/}" =~ ^([012]|255)$ ]] || eval "exec ${fd##*/}>&-"
	done
	setsid "$@" </dev/null >>"$log" 2>&1 &
)

engine_fail() {
	local dir=$1 log
	shift
	for log in "$dir/containerd.log" "$dir/dockerd.log"; do
		[ ! -s "$log" ] || { warn "the end of $log:"; tail -n 15 "$log" >&2; }
	done
	engine_sweep "$dir"
	die "the private Engine in $dir $*"
}

# engine_await DIR PROGRAM COMMAND...: waits until COMMAND succeeds; not for long when
# the program has ended.
engine_await() {
	local dir=$1 program=$2 start=$SECONDS
	shift 2
	until "$@"; do
		((SECONDS - start < ENGINE_START_SECONDS)) || return 1
		((SECONDS - start < 3)) || [ -n "$(engine_processes "$dir" "$program")" ] || return 1
		sleep 0.1
	done
}

# Goes on as COMMAND in ROOT with DIR at its own place: enter_root ROOT DIR COMMAND...
# Not by chroot, where importing an image fails; nothing of it is seen from outside.
enter_root() {
	local root=$1 dir=$2 name
	shift 2
	mkdir -p "$root$dir"
	mount --bind "$root" "$root"
	for name in proc sys dev; do
		mount --rbind "/$name" "$root/$name"
	done
	for name in run tmp; do
		mount -t tmpfs -o mode=1777 tmpfs "$root/$name"
	done
	mount --bind "$dir" "$root$dir"
	cd "$root" || exit
	pivot_root . .
	umount -l .
	exec "$@"
}

engine_spawn() {
	local dir=$1 net=$2 release=$3 inside=() entering=() options=()
	if [[ "$net" == /* ]]; then
		# shellcheck disable=SC2016 # for the inner shell
		inside=(nsenter --net="$net" unshare --uts sh -c 'hostname "$0"; exec "$@"' "${dir##*/}")
	elif [ "$net" = own ]; then
		touch "$dir/netns"
		unshare --net="$dir/netns" ip link set lo up
		inside=(nsenter --net="$dir/netns")
	else
		link_exists docker_gwbridge || touch "$dir/made-gwbridge"
		options=(--bridge=none --iptables=false --ip-forward=false)
	fi
	entering=("${inside[@]}")
	if [ -n "$release" ]; then
		entering+=(unshare --mount --propagation private bash -c "set -e; $(declare -f enter_root); enter_root \"\$@\""
			enter_root "$ROOTS/$release" "$dir")
	fi
	spawn "$dir/containerd.log" "${entering[@]}" containerd --log-level warn --config "$dir/containerd/config.toml"
	engine_await "$dir" containerd [ -S "$dir/containerd/sock" ] || engine_fail "$dir" "has no containerd"
	# Both have to see the same mounts.
	[ -z "$release" ] || inside+=(nsenter --mount --target "$(engine_processes "$dir" containerd)")
	spawn "$dir/dockerd.log" "${inside[@]}" dockerd --config-file "$dir/daemon.json" \
		--containerd "$dir/containerd/sock" --data-root "$dir/data" --exec-root "$dir/exec" \
		-p "$dir/pid" -H "unix://$dir/sock" "${options[@]}"
	engine_await "$dir" dockerd engine_answers "$dir" || engine_fail "$dir" "does not answer"
}

# In either mode Swarm listens on the loopback address only: one node, nobody else's.
engine_join_swarm() {
	local dir=$1
	engine_await "$dir" dockerd engine_swarm_is "$dir" "active inactive error" ||
		engine_fail "$dir" "does not tell the state of its Swarm"
	engine_swarm_is "$dir" active ||
		engine_docker "$dir" swarm init --force-new-cluster --listen-addr 127.0.0.1:2377 \
			--advertise-addr 127.0.0.1 >>"$dir/dockerd.log" 2>&1 ||
		engine_fail "$dir" "does not enter Swarm mode"
	engine_await "$dir" dockerd engine_is_manager "$dir" || engine_fail "$dir" "is no Swarm manager"
}

engine_run() {
	local dir=$1 net=$2 release=${3:-}
	engine_check_dir "$dir"
	need_root "a private Engine"
	if ! engine_answers "$dir"; then
		[ -z "$release" ] || make_root "$release" "$release" docker.io iptables iproute2
		engine_sweep "$dir"
		rm -f "$dir/pid" "$dir/sock" "$dir/containerd/sock" "$dir/netns"
		engine_configure "$dir" "$release"
		engine_spawn "$dir" "$net" "$release"
	fi
}

engine_start() {
	engine_run "$1" "${2:-own}" "${3:-}"
	engine_join_swarm "$1"
}

engine_stop() {
	local dir=$1
	engine_check_dir "$dir"
	[ -e "$dir" ] || return 0
	need_root "stopping the private Engine"
	# Leaving the Swarm takes the tasks and the overlay networks down in order.
	! engine_answers "$dir" ||
		timeout "$ENGINE_STOP_SECONDS" docker -H "unix://$dir/sock" swarm leave --force >/dev/null 2>&1 || :
	engine_sweep "$dir"
	rm -rf --one-file-system "$dir"
}
