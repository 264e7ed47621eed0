"""The state behind the scripted Engine: services, tasks, networks, volumes, nodes.

Answers as Docker Engine 20.10 (API 1.41) was seen to answer, in what it
normalises on the way in, what it refuses and in which words. Tasks are derived
from services: all run at once, unless a test scripts otherwise. Knows nothing
of HTTP but status codes. Not thread-safe: the server holds a lock around it.
"""
import copy
import hashlib
import re
import time
from dataclasses import dataclass, field

from swarm_files import Files

# Members whose zero the Engine keeps, since they are pointers or always sent.
KEEP_ZERO = {"Replicas", "ForceUpdate", "Parallelism", "MaxFailureRatio", "MaxAttempts", "Init",
             "StopGracePeriod"}
KEEP_ZERO_IN = {("RestartPolicy", "Delay"), ("RestartPolicy", "Window"), ("File", "Mode")}
# Members that are structs behind a pointer: {} is not the same as nothing.
KEEP_EMPTY = {"TaskTemplate", "ContainerSpec", "Mode", "Replicated", "Global", "Resources", "Limits",
              "Reservations", "RestartPolicy", "Placement", "Healthcheck", "LogDriver", "UpdateConfig",
              "RollbackConfig", "EndpointSpec", "VolumeOptions", "TmpfsOptions", "DriverConfig", "DNSConfig",
              "Spread"}
# Members whose own members are the user's: an empty text there means something.
MAPS = {"Labels", "Options", "DriverOpts", "Sysctls"}
# Members of a service's spec. Any other is dropped without a word, as the Engine does.
KNOWN = set("""
    Name Labels TaskTemplate Mode UpdateConfig RollbackConfig EndpointSpec Replicated Global Replicas
    ContainerSpec Resources RestartPolicy Placement Networks LogDriver ForceUpdate Runtime
    Image Command Args Hostname Env Dir User Groups StopSignal TTY OpenStdin ReadOnly Mounts
    StopGracePeriod Healthcheck Hosts DNSConfig Secrets Configs Isolation Sysctls CapabilityAdd
    CapabilityDrop Init Ulimits Privileges
    Type Source Target Consistency BindOptions VolumeOptions TmpfsOptions Propagation NonRecursive
    NoCopy DriverConfig Options SizeBytes Mode Test Interval Timeout StartPeriod Retries
    Nameservers Search Soft Hard Limits Reservations NanoCPUs MemoryBytes Pids
    Condition Delay MaxAttempts Window Constraints Preferences Spread SpreadDescriptor MaxReplicas
    Aliases DriverOpts Parallelism FailureAction Monitor MaxFailureRatio Order
    Ports Protocol TargetPort PublishedPort PublishMode
    SecretID SecretName ConfigID ConfigName File UID GID
""".split())
SERVICE_NAME = re.compile(r"[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*")
VOLUME_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
PREDEFINED = ("bridge", "host", "none")
NOT_A_MANAGER = {
    "inactive": 'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect '
                "this node to swarm and try again.",
    "worker": "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. "
              "Please run this command on a manager node or promote the current node to a manager.",
    "locked": "Swarm is encrypted and needs to be unlocked before it can be used. Please use \"docker swarm "
              "unlock\" to unlock it.",
    "pending": "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to "
               "connect this node to swarm and try again.",
    "error": "Swarm could not be started: its certificate has expired.",
}


class Refusal(Exception):
    """An answer of 400 and above."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status
        self.message = message


def invalid(text):
    return Refusal(400, f"rpc error: code = InvalidArgument desc = {text}")


@dataclass
class Look:
    """How one task of a service looks when the tasks are listed.

    `past` are the tasks that were in the same slot before, newest first: a
    task that was rejected is followed by another that tries again.
    """
    state: str
    err: str = ""
    past: tuple = ()


@dataclass
class Service:
    id: str
    spec: dict
    created: str
    updated: str
    index: int
    previous: dict | None = None
    update_status: dict | None = None
    generation: int = 0
    tasks: list = field(default_factory=list)


@dataclass
class Task:
    id: str
    service: Service
    spec: dict
    generation: int
    slot: int | None
    node: str
    created: str
    gone: bool = False  # replaced by a newer generation, or scaled away


def now():
    seconds = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1e9):09d}Z"


def without_zeroes(value, parent=""):
    """What Go leaves of an object: known members that are not null, zero, empty text, list or map."""
    if isinstance(value, list):
        return [without_zeroes(item, parent) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, item in value.items():
        if item is None or key not in KNOWN:
            continue
        item = item if key in MAPS else without_zeroes(item, key)
        if item in ("", [], 0, False) and key not in KEEP_ZERO and (parent, key) not in KEEP_ZERO_IN:
            continue
        if item == {} and key not in KEEP_EMPTY:
            continue
        kept[key] = item
    return kept


def set_default(obj, key, value):
    if not obj.get(key):
        obj[key] = value


def labels_match(labels, wanted):
    for item in wanted:
        key, equals, value = item.partition("=")
        if key not in (labels or {}) or (equals and labels[key] != value):
            return False
    return True


class SwarmState:
    def __init__(self, api="1.41", min_api="1.12"):
        self.api, self.min_api = api, min_api
        self.swarm = "active"  # or a key of NOT_A_MANAGER
        self.swarm_error = ""  # with "active": a Swarm without a leader
        self.index = 10
        self.ids = 0
        self.services, self.networks, self.volumes = {}, {}, {}
        self.secrets, self.configs = (Files(kind, self, Refusal, now, matches, labels_match)
                                      for kind in ("secret", "config"))
        self.registry = {}  # image by tag -> its digest; others are in no registry that answers
        self.looks = {}  # service name -> looks still to come
        self.all_nodes = {}
        self.node = self.add_node("scripted")
        self.hidden = {name: self.new_id("predefined") for name in PREDEFINED}
        for name, driver, scope in (("ingress", "overlay", "swarm"), ("bridge", "bridge", "local"),
                                    ("host", "host", "local"), ("none", "null", "local")):
            self.add_network({"Name": name, "Driver": driver, "Ingress": name == "ingress"}, scope)

    # Identity and time.

    def new_id(self, kind):
        """25 letters and digits, as Swarm makes them; the same in every run."""
        self.ids += 1
        number = int.from_bytes(hashlib.sha256(f"{kind} {self.ids}".encode()).digest(), "big")
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"
        return "".join(digits[number // 36 ** i % 36] for i in range(25))

    def tick(self):
        self.index += 1
        return self.index

    def need_manager(self):
        if self.swarm != "active":
            raise Refusal(503, NOT_A_MANAGER[self.swarm])
        if self.swarm_error:
            raise Refusal(500, f"rpc error: code = Unknown desc = {self.swarm_error}")

    # The Engine itself.

    def version(self):
        return {"Version": "20.10.24", "ApiVersion": self.api, "MinAPIVersion": self.min_api, "Os": "linux",
                "Arch": "amd64"}

    def info(self):
        state = "active" if self.swarm == "worker" else self.swarm
        return {"ID": "SCRIPTED", "ServerVersion": "20.10.24", "Name": "scripted",
                "Swarm": {"NodeID": self.node if state == "active" else "", "LocalNodeState": state,
                          "ControlAvailable": self.swarm == "active", "Error": self.swarm_error}}

    def swarm_inspect(self):
        self.need_manager()
        return {"ID": "scripted", "Version": {"Index": 10}, "Spec": {"Name": "default", "Labels": {}}}

    def nodes(self):
        self.need_manager()
        return list(self.all_nodes.values())

    def add_node(self, hostname):
        node_id = self.new_id("node")
        self.all_nodes[node_id] = {
            "ID": node_id, "Version": {"Index": 9}, "Spec": {"Labels": {}, "Role": "manager",
                                                             "Availability": "active"},
            "Description": {"Hostname": hostname, "Resources": {"NanoCPUs": 2 * 10 ** 9}},
            "Status": {"State": "ready", "Addr": "127.0.0.1"},
            "ManagerStatus": {"Leader": not self.all_nodes, "Reachability": "reachable"}}
        return node_id

    def node_update(self, ref, version, spec):
        self.need_manager()
        if ref not in self.all_nodes:
            raise Refusal(404, f"node {ref} not found")
        node = self.all_nodes[ref]
        if int(version) != node["Version"]["Index"]:
            raise Refusal(500, "rpc error: code = Unknown desc = update out of sequence")
        node["Spec"] = {**spec, "Labels": spec.get("Labels") or {}}
        node["Version"] = {"Index": self.tick()}
        for service in self.services.values():
            for task in service.tasks:
                task.gone = task.gone or task.node != self.place(service)
            self.settle(service)

    def place(self, service):
        """The first node that the service's tasks may run on; None when there is none."""
        constraints = service.spec["TaskTemplate"].get("Placement", {}).get("Constraints", [])
        for node in self.all_nodes.values():
            labels = {f"node.labels.{k}": v for k, v in node["Spec"]["Labels"].items()}
            wanted = [c.split(" == ") for c in constraints if c.startswith("node.labels.") and " == " in c]
            if node["Spec"]["Availability"] == "active" and all(labels.get(k) == v for k, v in wanted):
                return node["ID"]
        return None

    def distribution(self, image):
        if image not in self.registry:
            raise Refusal(500, 'Get "https://registry.example.net/v2/": dial tcp 192.0.2.1:443: connect: '
                               "connection refused")
        return {"Descriptor": {"mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                               "digest": self.registry[image], "size": 528},
                "Platforms": [{"architecture": "amd64", "os": "linux"}]}

    # Networks.

    def add_network(self, spec, scope):
        network_id = self.new_id("network")
        number = len(self.networks)
        config = (spec.get("IPAM") or {}).get("Config") or [{"Subnet": f"10.0.{number}.0/24"}]
        options = dict(spec.get("Options") or {})
        if scope == "swarm":
            options["com.docker.network.driver.overlay.vxlanid_list"] = str(4096 + number)
        self.networks[network_id] = {
            "Name": spec["Name"], "Id": network_id, "Created": now(), "Scope": scope,
            "Driver": spec.get("Driver") or "bridge", "EnableIPv6": bool(spec.get("EnableIPv6")),
            "IPAM": {"Driver": "default", "Options": None,
                     "Config": [{"Gateway": c["Subnet"].split("/")[0][:-1] + "1", **c} for c in config]},
            "Internal": bool(spec.get("Internal")), "Attachable": bool(spec.get("Attachable")),
            "Ingress": bool(spec.get("Ingress")), "ConfigFrom": {"Network": ""}, "ConfigOnly": False,
            "Containers": None if scope == "swarm" else {}, "Options": options,
            "Labels": spec.get("Labels") or (None if scope == "swarm" else {})}
        return network_id

    def find_network(self, ref):
        for network in self.networks.values():
            if ref in (network["Id"], network["Name"]):
                return network
        for name, network_id in self.hidden.items():
            if ref == network_id:
                return {"Name": name, "Id": network_id, "Scope": "swarm", "Driver": name, "Options": None,
                        "Labels": {"com.docker.swarm.predefined": "true"}}
        raise Refusal(404, f"network {ref} not found")

    def network_list(self, filters):
        return [n for n in self.networks.values()
                if matches(filters, "id", n["Id"]) and matches(filters, "name", n["Name"])
                and labels_match(n["Labels"], filters.get("label", [])) and
                ("driver" not in filters or n["Driver"] in filters["driver"]) and
                ("scope" not in filters or n["Scope"] in filters["scope"])]

    def network_create(self, spec):
        if not spec.get("Name"):
            raise Refusal(500, "invalid name: ")
        if any(n["Name"] == spec["Name"] for n in self.networks.values()):
            raise Refusal(409, f"network with name {spec['Name']} already exists")
        scope = "swarm" if spec.get("Driver") == "overlay" else "local"
        if scope == "swarm":
            self.need_manager()
        return {"Id": self.add_network(spec, scope), "Warning": ""}

    def network_remove(self, ref):
        network = self.find_network(ref)
        if network["Name"] in PREDEFINED:
            raise Refusal(403, f"{network['Name']} is a pre-defined network and cannot be removed")
        for service in self.services.values():
            if network["Id"] in targets(service.spec):
                raise Refusal(400, "rpc error: code = FailedPrecondition desc = network "
                                   f"{network['Id']} is in use by service {service.id}")
        del self.networks[network["Id"]]

    # Volumes.

    def volume_list(self, filters):
        return {"Volumes": [v for v in self.volumes.values() if matches(filters, "name", v["Name"]) and
                            labels_match(v["Labels"], filters.get("label", []))], "Warnings": None}

    def volume_create(self, spec):
        name = spec.get("Name") or self.new_id("volume")
        if not VOLUME_NAME.fullmatch(name):
            raise Refusal(400, f'create {name}: "{name}" includes invalid characters for a local volume '
                               'name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass '
                               "a host directory, use absolute path")
        driver = spec.get("Driver") or "local"
        known = self.volumes.get(name)
        if known and known["Driver"] != driver:
            raise Refusal(409, f"create {name}: conflict: volume name must be unique")
        # A name that is there already keeps its old options, and the answer is 201 all the same.
        return self.volumes.setdefault(name, {
            "CreatedAt": now(), "Driver": driver, "Labels": spec.get("Labels"), "Name": name,
            "Mountpoint": f"/var/lib/docker/volumes/{name}/_data", "Options": spec.get("DriverOpts"),
            "Scope": "local"})

    def volume_remove(self, name):
        if name not in self.volumes:
            raise Refusal(404, f"get {name}: no such volume")
        for service in self.services.values():
            if any(t for t in service.tasks if not t.gone) and name in named_volumes(service.spec):
                raise Refusal(409, f"remove {name}: volume is in use - [{hashlib.sha256(b'c').hexdigest()}]")
        del self.volumes[name]

    # Services.

    def find_service(self, ref):
        for service in self.services.values():
            if ref in (service.id, service.spec["Name"]):
                return service
        raise Refusal(404, f"service {ref} not found")

    def check(self, spec, own=None):
        name, container = spec.get("Name", ""), spec.get("TaskTemplate", {}).get("ContainerSpec")
        if container is None:
            raise Refusal(400, "mismatched Runtime and *Spec fields")
        if not SERVICE_NAME.fullmatch(name):
            raise invalid("name must be valid as a DNS name component")
        if len(name) > 63:
            raise invalid("name must be 63 characters or fewer")
        if not container.get("Image"):
            raise invalid("ContainerSpec: image reference must be provided")
        mounts = [m.get("Target") for m in container.get("Mounts") or []]
        for target in mounts:
            if mounts.count(target) > 1:
                raise invalid(f"ContainerSpec: duplicate mount point: {target}")
        self.check_ports(spec, own)
        self.secrets.check(spec)
        self.configs.check(spec)

    def check_ports(self, spec, own):
        endpoint = spec.get("EndpointSpec") or {}
        ports = [p for p in map(port_key, endpoint.get("Ports") or []) if p]
        if endpoint.get("Mode") == "dnsrr" and any(p[0] == "ingress" for p in ports):
            raise invalid("EndpointSpec: port published with ingress mode can't be used with dnsrr mode")
        if len(ports) != len(set(ports)):
            raise invalid("EndpointSpec: duplicate published ports provided")
        for other in self.services.values():
            theirs = (other.spec.get("EndpointSpec") or {}).get("Ports") or []
            for mode, published, protocol in set(ports) & {port_key(p) for p in theirs}:
                if other is not own and mode == "ingress":
                    raise invalid(f"port '{published}' is already in use by service '{other.spec['Name']}' "
                                  f"({other.id}) as an ingress port")

    def normalise(self, spec):
        """The spec as the Engine will show it."""
        spec = without_zeroes(copy.deepcopy(spec))
        spec["Labels"] = spec.get("Labels") or {}
        template = spec["TaskTemplate"]
        template["ContainerSpec"]["Isolation"] = "default"
        template.setdefault("ForceUpdate", 0)
        set_default(template, "Runtime", "container")
        for attachment in template.get("Networks", []):
            attachment["Target"] = self.network_id(attachment.get("Target", ""))
        if "RestartPolicy" in template:
            set_default(template["RestartPolicy"], "Condition", "any")
            template["RestartPolicy"].setdefault("MaxAttempts", 0)
        for key in ("UpdateConfig", "RollbackConfig"):
            if key in spec:
                spec[key] = {"Parallelism": 0, "FailureAction": "pause", "MaxFailureRatio": 0,
                             "Order": "stop-first", **spec[key]}
        if "Global" not in spec.setdefault("Mode", {}):
            spec["Mode"].setdefault("Replicated", {}).setdefault("Replicas", 1)
        if "EndpointSpec" in spec:
            set_default(spec["EndpointSpec"], "Mode", "vip")
            for port in spec["EndpointSpec"].get("Ports", []):
                set_default(port, "Protocol", "tcp")
                set_default(port, "PublishMode", "ingress")
        return spec

    def network_id(self, ref):
        if ref in self.hidden:
            return self.hidden[ref]
        try:
            return self.find_network(ref)["Id"]
        except Refusal as refusal:
            raise Refusal(500, refusal.message)  # so it is: 500, not 404

    def service_create(self, spec):
        self.need_manager()
        self.check(spec)
        spec = self.normalise(spec)
        if any(s.spec["Name"] == spec["Name"] for s in self.services.values()):
            raise Refusal(409, "rpc error: code = AlreadyExists desc = name conflicts with an existing "
                               f"object: service {spec['Name']} already exists")
        service = Service(self.new_id("service"), spec, now(), now(), self.tick())
        self.services[service.id] = service
        self.settle(service)
        return {"ID": service.id}

    def service_update(self, ref, version, spec):
        self.need_manager()
        if not re.fullmatch(r"\d+", version):
            raise Refusal(400, f"invalid service version '{version}': strconv.ParseUint: parsing "
                               f'"{version}": invalid syntax')
        service = self.find_service(ref)
        self.check(spec, service)
        spec = self.normalise(spec)
        if spec["Name"] != service.spec["Name"]:
            raise Refusal(501, "rpc error: code = Unimplemented desc = renaming services is not supported")
        if spec["Mode"].keys() != service.spec["Mode"].keys():
            raise Refusal(501, "rpc error: code = Unimplemented desc = service mode change is not allowed")
        if int(version) != service.index:
            raise Refusal(500, "rpc error: code = Unknown desc = update out of sequence")
        service.previous, service.spec = service.spec, spec
        service.updated, service.index = now(), self.tick()
        service.update_status = None
        if any(spec.get(k) != service.previous.get(k) for k in ("TaskTemplate", "EndpointSpec")):
            service.generation += 1
            if any(not t.gone for t in service.tasks):
                service.update_status = {"State": "completed", "StartedAt": now(), "CompletedAt": now(),
                                         "Message": "update completed"}
        self.settle(service)
        return {"Warnings": None}

    def service_remove(self, ref):
        self.need_manager()
        del self.services[self.find_service(ref).id]

    def service_list(self, filters, status=False):
        self.need_manager()
        found = [s for s in self.services.values()
                 if matches(filters, "id", s.id) and matches(filters, "name", s.spec["Name"])
                 and labels_match(s.spec["Labels"], filters.get("label", [])) and
                 ("mode" not in filters or any(m.title() in s.spec["Mode"] for m in filters["mode"]))]
        return [self.show_service(s, status=status) for s in sorted(found, key=lambda s: s.id)]

    def service_inspect(self, ref, defaults=False):
        self.need_manager()
        shown = self.show_service(self.find_service(ref))
        if defaults:
            insert_defaults(shown["Spec"])
        return shown

    def show_service(self, service, status=False):
        shown = {"ID": service.id, "Version": {"Index": service.index}, "CreatedAt": service.created,
                 "UpdatedAt": service.updated, "Spec": copy.deepcopy(service.spec)}
        endpoint = copy.deepcopy(service.spec.get("EndpointSpec"))
        if service.previous:
            shown["PreviousSpec"] = copy.deepcopy(service.previous)
        shown["Endpoint"] = {"Spec": endpoint or {}}
        if endpoint and endpoint.get("Ports"):
            # A port that Swarm chose shows here, and not in the spec.
            shown["Endpoint"]["Ports"] = [{"PublishedPort": 30000 + i, **p}
                                          for i, p in enumerate(endpoint["Ports"])]
        if service.update_status:
            shown["UpdateStatus"] = service.update_status
        if status:
            wanted = len([t for t in service.tasks if not t.gone])
            runs = self.look(service).state == "running"
            shown["ServiceStatus"] = {"RunningTasks": wanted if runs else 0, "DesiredTasks": wanted,
                                      "CompletedTasks": 0}
        return shown

    # Tasks.

    def settle(self, service):
        """Brings the tasks of a service to its spec, at once."""
        replicated = service.spec["Mode"].get("Replicated")
        constraints = service.spec["TaskTemplate"].get("Placement", {}).get("Constraints", [])
        # The one node has no labels.
        homeless = any(re.match(r"node\.labels\.\S+ *==", c) for c in constraints)
        slots = range(1, replicated["Replicas"] + 1) if replicated else [] if homeless else [None]
        for task in service.tasks:
            if task.generation != service.generation or task.slot not in slots:
                task.gone = True
        taken = {t.slot for t in service.tasks if not t.gone}
        spec = {k: v for k, v in service.spec["TaskTemplate"].items() if k != "Runtime"}
        for slot in slots:
            if slot not in taken:
                service.tasks.append(Task(self.new_id("task"), service, spec, service.generation, slot,
                                          self.place(service), now()))
        for mount in named_mounts(service.spec) if service.tasks else []:
            if mount["Source"] not in self.volumes:
                options = mount.get("VolumeOptions", {})
                driver = options.get("DriverConfig", {})
                self.volume_create({"Name": mount["Source"], "Labels": options.get("Labels"),
                                    "Driver": driver.get("Name"), "DriverOpts": driver.get("Options")})

    def task_list(self, filters):
        self.need_manager()
        wanted = [self.find_service(ref).id for ref in filters.get("service", [])]
        current_only = filters.get("_up-to-date", ["false"])[0] in ("true", "1")
        shown = []
        for service in sorted(self.services.values(), key=lambda s: s.id):
            if wanted and service.id not in wanted:
                continue
            look = self.next_look(service)
            for task in service.tasks:
                if not current_only or task.generation == service.generation:
                    shown += self.show_task(task, look)
        if "desired-state" in filters:
            shown = [t for t in shown if t["DesiredState"] in filters["desired-state"]]
        return shown

    def look(self, service):
        return self.looks.get(service.spec["Name"], [Look("running")])[0]

    def next_look(self, service):
        look = self.look(service)
        if len(self.looks.get(service.spec["Name"], [])) > 1:
            self.looks[service.spec["Name"]].pop(0)
        return look

    def show_task(self, task, look):
        """The task, and what failed before it in its slot."""
        if task.gone:
            return [self.one_task(task, task.id, Look("shutdown"), "shutdown")]
        if task.node is None:
            look = Look("pending", "no suitable node (scheduling constraints not satisfied on 1 node)")
        shown = [self.one_task(task, task.id, look, "running")]
        for number, past in enumerate(look.past):
            past_id = hashlib.sha256(f"{task.id} {number}".encode()).hexdigest()[:25]
            shown.append(self.one_task(task, past_id, past, "shutdown"))
        return shown

    def one_task(self, task, task_id, look, desired):
        status = {"Timestamp": now(), "State": look.state, "Message": look.state, "PortStatus": {}}
        if look.err:
            status["Err"] = look.err
        shown = {"ID": task_id, "Version": {"Index": self.index}, "CreatedAt": task.created,
                 "UpdatedAt": now(), "Labels": {}, "Spec": copy.deepcopy(task.spec),
                 "ServiceID": task.service.id, "Status": status, "DesiredState": desired}
        if task.slot is not None:
            shown["Slot"] = task.slot
        if look.state not in ("new", "pending"):
            shown["NodeID"] = task.node
        if look.state == "running":
            shown["Status"]["ContainerStatus"] = {"ContainerID": container_id(task_id), "PID": 1, "ExitCode": 0}
        return shown


def container_id(task_id):
    return hashlib.sha256(task_id.encode()).hexdigest()


def matches(filters, key, value):
    """Names and ids are looked up by their beginning, as Swarm does."""
    return key not in filters or any(value.startswith(wanted) for wanted in filters[key])


def targets(spec):
    return [n["Target"] for n in spec["TaskTemplate"].get("Networks", [])]


def named_mounts(spec):
    mounts = spec["TaskTemplate"]["ContainerSpec"].get("Mounts", [])
    return [m for m in mounts if m.get("Type") == "volume" and m.get("Source")]


def named_volumes(spec):
    return [m["Source"] for m in named_mounts(spec)]


def port_key(port):
    published = port.get("PublishedPort")
    return published and (port.get("PublishMode") or "ingress", published, port.get("Protocol") or "tcp")


def insert_defaults(spec):
    template = spec["TaskTemplate"]
    template["ContainerSpec"].setdefault("StopGracePeriod", 10 * 10 ** 9)
    template["ContainerSpec"].setdefault("DNSConfig", {})
    template.setdefault("Resources", {})
    template.setdefault("Placement", {})
    template["RestartPolicy"] = {"Condition": "any", "Delay": 5 * 10 ** 9, "MaxAttempts": 0,
                                 **template.get("RestartPolicy", {})}
    for key in ("UpdateConfig", "RollbackConfig"):
        spec[key] = {"Parallelism": 1, "FailureAction": "pause", "Monitor": 5 * 10 ** 9,
                     "MaxFailureRatio": 0, "Order": "stop-first", **spec.get(key, {})}
