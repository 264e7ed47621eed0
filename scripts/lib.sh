# What all the scripts share: messages, and packages of Debian 12. Meant to be
# sourced; it sets the shell's strict mode for its caller too.
# shellcheck shell=bash
set -euo pipefail

# Where `su` without a dash leaves them out, daemons and dpkg do not work.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# shellcheck disable=SC2034 # for the scripts that source this file
ZPM_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

ROOTS=/var/cache/zpm

# shellcheck disable=SC2034 # likewise
{
	BUILD_PACKAGES=(gcc libc6-dev cmake ninja-build pkg-config
		libyaml-dev libcurl4-openssl-dev libjson-c-dev libssl-dev libmongoc-dev
		libinotifytools0-dev libgit2-dev libmicrohttpd-dev libgnutls28-dev libjwt-dev)
	IMAGE_PACKAGES=(gcc libc6-dev busybox-static libbson-dev libssl-dev pkg-config)
	ENGINE_PACKAGES=(iptables iproute2)
	PACKAGE_PACKAGES=(scdoc dpkg-dev)
	CHECK_PACKAGES=(clang clang-format clang-tidy shellcheck jq)
	TEST_PACKAGES=(libcmocka-dev libbson-dev libclang-rt-14-dev valgrind curl ca-certificates openssl procps git
		openssh-client openssh-server
		python3 python3-pytest python3-pytest-xdist python3-jsonschema python3-ruamel.yaml python3-yaml python3-pymongo
		python3-hypothesis python3-jwt python3-cryptography
		bash zsh scdoc chromium chromium-driver fonts-dejavu-core)
}

have_commands() {
	local command
	for command in "$@"; do
		command -v "$command" >/dev/null || return 1
	done
}

# An Engine from elsewhere serves as well, and Debian's would conflict with it. What an
# interrupted installation left does not serve.
if ! have_commands docker dockerd containerd runc ||
	! [[ "$(dpkg-query -W -f '${db:Status-Status}' docker.io 2>/dev/null)" =~ ^(installed|not-installed|config-files)?$ ]]; then
	ENGINE_PACKAGES+=(docker.io)
fi
# Where the kernel confines containers, the Engine needs the tool that loads its profile.
if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; then
	ENGINE_PACKAGES+=(apparmor)
fi

say() {
	printf '%s\n' "$*"
}

warn() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	warn "$@"
	exit 1
}

# One line on what is being done, in colour where a person looks.
heading() {
	if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
		printf '\033[1m==> %s\033[0m\n' "$*"
	else
		printf '==> %s\n' "$*"
	fi
}

need_root() {
	[ "$(id -u)" = 0 ] || die "$1 needs root: run it with sudo"
}

# Waits until a command succeeds, at most SECONDS: until_true SECONDS COMMAND...
until_true() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.1
	done
}

missing_packages() {
	local installed package
	installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null) || :
	for package in "$@"; do
		grep -qxF "$package installed" <<<"$installed" || printf '%s\n' "$package"
	done | sort -u
}

apt_install() {
	DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 LC_ALL=C.UTF-8 \
		apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold \
		-y -q --no-install-recommends install "$@"
}

# Keeps the packages' own services from starting, now and at the next boot: the
# Engine that the scripts use is a private one. In a subshell, for the traps' sake.
install_without_services() (
	policy=/usr/sbin/policy-rc.d
	mark='# Written by zpm while it installs packages; safe to remove.'
	units=()
	if [[ " $* " == *" docker.io "* ]] && command -v systemctl >/dev/null; then
		units=(docker.service docker.socket)
		[ -z "$(missing_packages containerd)" ] || units+=(containerd.service)
	fi
	if [[ " $* " == *" openssh-server "* ]] && command -v systemctl >/dev/null; then
		units+=(ssh.service)
	fi

	trap 'exit 130' INT TERM HUP
	if [ ! -e "$policy" ] || grep -qxF "$mark" "$policy"; then
		trap 'rm -f "$policy"' EXIT
		printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
		chmod 755 "$policy"
	fi
	# The second try is for package lists that are missing or old, and for an
	# installation that was interrupted.
	if ! apt_install "$@"; then
		DEBIAN_FRONTEND=noninteractive dpkg --configure -a
		apt-get -o Acquire::Retries=3 -q update
		apt_install "$@" || exit 1
	fi
	((${#units[@]} == 0)) || systemctl disable "${units[@]}"
)

# Installs what is missing of the packages named; does nothing, quickly, when nothing is.
install_packages() {
	local missing log
	mapfile -t missing < <(missing_packages "$@")
	((${#missing[@]})) || return 0
	command -v apt-get >/dev/null || die "these Debian packages are needed: ${missing[*]}"
	need_root "installing packages (${missing[*]})"
	say "Installing ${missing[*]}"
	log=$(mktemp)
	if ! install_without_services "${missing[@]}" >"$log" 2>&1 </dev/null; then
		tail -n 30 "$log" >&2
		rm -f "$log"
		die "could not install ${missing[*]}; is this Debian 12, with package sources it can reach?"
	fi
	rm -f "$log"
}

# Debian in ROOTS/NAME, unless it is there, from the mirror that this machine's apt uses:
# make_root NAME RELEASE [PACKAGE...]
make_root() {
	local root=$ROOTS/$1 release=$2 mirror packages
	shift 2
	[ ! -e "$root" ] || return 0
	need_root "making $root"
	install_packages debootstrap >&2
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		"Codename: $(. /etc/os-release && say "$VERSION_CODENAME")" | head -n 1)
	[ -n "$mirror" ] || die "apt on this machine has no package source to take Debian's $release from"
	say "Making $root, some hundred MB: Debian's $release${*:+ with $*}" >&2
	rm -rf --one-file-system "$root.part"
	mkdir -p "$ROOTS"
	packages=$(IFS=, && say "$*")
	if ! debootstrap --variant=minbase ${packages:+--include="$packages"} "$release" "$root.part" "$mirror" \
		>"$root.log" 2>&1; then
		tail -n 5 "$root.log" >&2
		die "debootstrap failed; all of its output is in $root.log"
	fi
	rm -f "$root.log"
	mv "$root.part" "$root"
}

# build_preset PRESET LOG: shows only what went wrong, from the first thing on.
build_preset() {
	if ! { cmake --preset "$1" && cmake --build --preset "$1"; } >"$2" 2>&1; then
		awk '/^FAILED:|^CMake Error/ { from = 1 } from && !/^\[[0-9]+\/[0-9]+\] /' "$2" | head -n 100
		return 1
	fi
}
