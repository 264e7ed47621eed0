"""Secrets and configs behind the scripted Engine: the one answers without its data, the other with it."""
import base64
import re
from dataclasses import dataclass

NAME = re.compile(r"[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?")
LIMITS = {"secret": 500 * 1024, "config": 1000 * 1024}


@dataclass
class File:
    id: str
    kind: str
    spec: dict  # with the data
    created: str
    updated: str
    index: int


class Files:
    """Of one kind. `state` counts ids and versions, and has the services; `refuse(status, text)` makes errors."""

    def __init__(self, kind, state, refuse, now, matches, labels_match):
        self.kind, self.state, self.refuse = kind, state, refuse
        self.now, self.matches, self.labels_match = now, matches, labels_match
        self.all = {}

    def show(self, file):
        spec = {k: v for k, v in file.spec.items() if k != "Data" or self.kind == "config"}
        return {"ID": file.id, "Version": {"Index": file.index}, "CreatedAt": file.created,
                "UpdatedAt": file.updated, "Spec": spec}

    def find(self, ref):
        for file in self.all.values():
            if ref in (file.id, file.spec["Name"]):
                return file
        raise self.refuse(404, f"{self.kind} {ref} not found")

    def data(self, name):
        return base64.b64decode(self.find(name).spec["Data"])

    def list(self, filters):
        return [self.show(f) for f in self.all.values()
                if self.matches(filters, "name", f.spec["Name"]) and self.matches(filters, "id", f.id)
                and self.labels_match(f.spec["Labels"], filters.get("label", []))]

    def create(self, spec):
        name, data = spec.get("Name", ""), base64.b64decode(spec.get("Data") or "", validate=True)
        if not NAME.fullmatch(name) or len(name) > 64:
            raise self.refuse(400, f"rpc error: code = InvalidArgument desc = invalid name '{name}'")
        if not data or len(data) >= LIMITS[self.kind]:
            raise self.refuse(400, f"rpc error: code = InvalidArgument desc = {self.kind} data must be larger "
                                   f"than 0 and less than {LIMITS[self.kind]} bytes")
        if any(f.spec["Name"] == name for f in self.all.values()):
            raise self.refuse(409, "rpc error: code = AlreadyExists desc = name conflicts with an existing "
                                   f"object: {self.kind} {name} already exists")
        file = File(self.state.new_id(self.kind), self.kind, {**spec, "Labels": spec.get("Labels") or {}},
                    self.now(), self.now(), self.state.tick())
        self.all[file.id] = file
        return {"ID": file.id}

    def update(self, ref, version, spec):
        file = self.find(ref)
        if int(version) != file.index:
            raise self.refuse(500, "rpc error: code = Unknown desc = update out of sequence")
        if spec["Name"] != file.spec["Name"] or spec.get("Data", file.spec["Data"]) != file.spec["Data"]:
            raise self.refuse(400, "rpc error: code = InvalidArgument desc = only updates to Labels are allowed")
        file.spec["Labels"] = spec.get("Labels") or {}
        file.index = self.state.tick()

    def remove(self, ref):
        file = self.find(ref)
        users = [s.spec["Name"] for s in self.state.services.values() if file.id in self.ids(s.spec)]
        if users:
            raise self.refuse(400, f"rpc error: code = InvalidArgument desc = {self.kind} '{file.spec['Name']}' "
                                   f"is in use by the following service: {', '.join(users)}")
        del self.all[file.id]

    def ids(self, service_spec):
        listed = service_spec["TaskTemplate"]["ContainerSpec"].get(f"{self.kind.title()}s") or []
        return [item[f"{self.kind.title()}ID"] for item in listed]

    def check(self, service_spec):
        """The Engine looks for the ids, and for nothing else."""
        for ref in self.ids(service_spec):
            if ref not in self.all:
                raise self.refuse(400, "rpc error: code = InvalidArgument desc = "
                                       f"{self.kind}: reference not found")
