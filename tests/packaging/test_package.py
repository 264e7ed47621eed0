"""The Debian package: what it brings, and what installing, upgrading, removing and purging it do to a machine."""
import json
import subprocess

FOLDER = "/etc/zpm"
MANIFEST = f"{FOLDER}/securaa.yaml"
TEXT = "apiVersion: zpm/v1\nplatform: shop\n"
WANTED = "/etc/systemd/system/multi-user.target.wants/zpm.service"
# Of ten, as systemd-analyze counts. Above this something is open that need not be.
MOST_EXPOSED = 1.4


def as_user(machine, user, group, *command, code=0):
    return machine.run("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", *command, code=code)


def test_install__needs_nothing_that_the_package_does_not_name(machine):
    assert machine.run("zpm", "version").startswith("zpm ")
    assert "not found" not in machine.run("ldd", "/usr/bin/zpm")
    # It is loaded late, so that the line above says nothing of it.
    assert "libmongoc-1.0.so.0" in machine.run("ldconfig", "-p")


def test_install__brings_manual_completions_schema_and_examples(machine):
    for page in ("man1/zpm.1.gz", "man5/securaa.yaml.5.gz"):
        assert ".SH NAME" in machine.run("zcat", f"/usr/share/man/{page}")
    for shell, path in (("bash", "bash-completion/completions/zpm"), ("zsh", "zsh/vendor-completions/_zpm")):
        assert machine.read(f"/usr/share/{path}") == machine.run("zpm", "completion", shell)
    schema = machine.read("/usr/share/doc/zpm/securaa.schema.json")
    assert json.loads(schema) == json.loads(machine.run("zpm", "schema"))
    assert "valid" in machine.run("zpm", "validate", "-f", "/usr/share/doc/zpm/examples/securaa.yaml")


def test_install__makes_a_user_who_can_read_the_manifest_and_not_log_in(machine):
    user = machine.run("getent", "passwd", "zpm").strip().split(":")
    assert user[5:] == ["/var/lib/zpm", "/usr/sbin/nologin"] and int(user[2]) < 1000
    assert machine.run("getent", "group", "docker").startswith("docker:")
    assert machine.access(FOLDER) == "root:zpm 750"
    machine.write(MANIFEST, TEXT)
    assert "valid" in as_user(machine, "zpm", "zpm", "zpm", "validate", "-f", MANIFEST)
    assert "Permission denied" in as_user(machine, "nobody", "nogroup", "cat", MANIFEST, code=1)


def test_install__enables_and_starts_nothing(machine, package):
    machine.run("dpkg", "--purge", "zpm")
    machine.pretend_systemd_runs()
    machine.install_again(package)
    assert machine.asked_of_systemd == ["--system daemon-reload"]
    assert [path for path in machine.find("zpm.service") if path.startswith("/etc")] == []


def test_upgrade__leaves_what_an_administrator_has_made(machine, newer):
    machine.write(MANIFEST, TEXT)
    machine.run("chmod", "700", FOLDER)
    machine.run("chown", "zpm", FOLDER)
    machine.install_again(newer)
    assert "99.0" in machine.run("dpkg-query", "-W", "-f", "${Version}", "zpm")
    assert machine.read(MANIFEST) == TEXT
    assert machine.access(FOLDER) == "zpm:zpm 700"


def test_upgrade__restarts_the_service_only_where_it_runs(machine, newer):
    machine.pretend_systemd_runs()
    machine.install_again(newer)
    assert [line for line in machine.asked_of_systemd if "zpm.service" in line] == ["try-restart zpm.service"]


def test_remove__stops_the_service_and_leaves_the_manifest(machine):
    machine.write(MANIFEST, TEXT)
    machine.pretend_systemd_runs()
    machine.run("dpkg", "--remove", "zpm")
    assert "stop zpm.service" in machine.asked_of_systemd
    assert machine.read(MANIFEST) == TEXT
    machine.run("test", "-e", "/usr/bin/zpm", code=1)


def test_remove__and_installed_again_is_as_the_first_time(machine, package):
    machine.run("dpkg", "--remove", "zpm")
    machine.install_again(package)
    assert machine.access(FOLDER) == "root:zpm 750"


def test_purge__leaves_nothing(machine):
    machine.run("mkdir", "-p", "/var/lib/zpm", WANTED.rpartition("/")[0])
    machine.run("ln", "-s", "/usr/lib/systemd/system/zpm.service", WANTED)
    machine.write("/var/lib/zpm/something", "")
    machine.run("dpkg", "--purge", "zpm")
    assert machine.find("*zpm*") == []
    assert "zpm" not in machine.run("dpkg", "-l")


def test_purge__leaves_a_manifest_that_a_person_wrote(machine):
    machine.write(MANIFEST, TEXT)
    machine.run("dpkg", "--purge", "zpm")
    assert machine.read(MANIFEST) == TEXT


def test_unit__is_understood(machine):
    assert machine.run("systemd-analyze", "--man=no", "verify", "zpm.service") == ""


def test_unit__leaves_little_open(machine):
    machine.run("systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}", "zpm.service")


def test_package__is_without_findings(package):
    done = subprocess.run(["lintian", "--no-cfg", "--allow-root", "--fail-on", "error,warning", package],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
