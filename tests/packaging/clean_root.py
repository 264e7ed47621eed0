"""A Debian 12 in a folder, to install packages in: what a machine is like that knows nothing of zpm."""
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARCHIVES = pathlib.Path("/var/cache/zpm/archives")  # what apt has fetched, for the next time
PATIENCE = 600  # seconds; packages may have to be fetched
# The namespaces go with the command, and all that is mounted and runs in them.
ENTER = """mount -t overlay -o "$1" overlay "$0" && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
mount --bind "$2" "$0/var/cache/apt/archives" && root=$0 && shift 2 && exec chroot "$root" "$@" """
UNSHARE = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
FAKE_SYSTEMCTL = """#!/bin/sh
echo "$*" >>/systemctl.log
"""


def build(*version):
    """The package's path."""
    done = subprocess.run([ROOT / "scripts/package", *version], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return pathlib.Path(done.stdout.strip())


class CleanRoot:
    """What is changed in it is in a folder of its own, above what it is like at first: folders, the uppermost first."""

    def __init__(self, below):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="zpm-root-", dir="/var/lib"))
        self.below = below
        for name in ("changes", "work", "root"):
            (self.folder / name).mkdir()
        (self.folder / "changes").chmod(0o755)
        ARCHIVES.mkdir(parents=True, exist_ok=True)

    @classmethod
    def new(cls):
        made = subprocess.run([ROOT / "scripts/clean-root"], capture_output=True, text=True, check=True)
        return cls([made.stdout.strip()])

    def copy(self):
        return CleanRoot([self.folder / "changes", *self.below])

    def run(self, *args, code=0, stdin=""):
        """What a command in it prints, all of it."""
        options = (f"lowerdir={':'.join(map(str, self.below))},upperdir={self.folder}/changes,"
                   f"workdir={self.folder}/work")
        env = {**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
               "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run([*UNSHARE, "sh", "-c", ENTER, self.folder / "root", options, ARCHIVES, *args], env=env,
                              timeout=PATIENCE, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        assert code is None or done.returncode == code, f"{args}: exit {done.returncode}\n{done.stdout}"
        return done.stdout

    # Files in it.

    def read(self, path):
        return self.run("cat", path)

    def write(self, path, text, mode="644"):
        self.run("sh", "-ec", 'mkdir -p "${0%/*}"; rm -f "$0"; cat >"$0"; chmod "$1" "$0"', path, mode, stdin=text)

    def access(self, path):
        """"root:zpm 750" """
        return self.run("stat", "-c", "%U:%G %a", path).strip()

    def find(self, name):
        return self.run("find", "/", "-xdev", "-name", name).split()

    # Packages.

    def copy_in(self, package):
        shutil.copy(package, self.folder / "changes/package.deb")
        return "/package.deb"

    def install(self, package):
        """With all that it depends on, and nothing that it only recommends."""
        command = ["apt-get", "install", "-y", "--no-install-recommends", self.copy_in(package)]
        if "E: " in self.run(*command, code=None):
            self.run("apt-get", "update")
            self.run(*command)

    def install_again(self, package):
        """Or another version, where all that it depends on is there."""
        self.run("dpkg", "-i", self.copy_in(package))

    def pretend_systemd_runs(self):
        """What maintainer scripts ask of it is in `asked_of_systemd`."""
        self.run("mkdir", "-p", "/run/systemd/system")
        self.write("/usr/bin/systemctl", FAKE_SYSTEMCTL, "755")

    @property
    def asked_of_systemd(self):
        return self.read("/systemctl.log").splitlines()

    def remove(self):
        shutil.rmtree(self.folder)
