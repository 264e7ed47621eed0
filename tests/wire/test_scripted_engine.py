"""The scripted Engine itself: a test double that lies would make liars of all tests that use it."""
import contextlib
import http.client
import json
import socket
import threading
import urllib.parse

import pytest

from scripted_engine import Answer, CloseEarly, Garbage, Hang, Look, ScriptedEngine, on

TIMEOUT = 20


class Client(http.client.HTTPConnection):
    """One connection to the engine, kept alive."""

    def __init__(self, path):
        super().__init__("docker", timeout=TIMEOUT)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(self.path)

    def call(self, method, path, body=None, **query):
        if "filters" in query:
            query["filters"] = json.dumps(query["filters"])
        if query:
            path += "?" + urllib.parse.urlencode(query)
        self.request(method, path, None if body is None else json.dumps(body))
        answer = self.getresponse()
        data = answer.read()
        return answer.status, json.loads(data) if data else None


def call_once(engine, *args):
    """A request on a connection of its own."""
    with contextlib.closing(Client(engine.socket)) as client:
        return client.call(*args)


@pytest.fixture
def engine():
    with ScriptedEngine() as engine:
        yield engine


@pytest.fixture
def client(engine):
    client = Client(engine.socket)
    yield client
    client.close()


def spec(name, image="demo:1", replicas=1, **more):
    return {"Name": name, "TaskTemplate": {"ContainerSpec": {"Image": image}},
            "Mode": {"Replicated": {"Replicas": replicas}}, **more}


def create(client, *args, **kwargs):
    status, answer = client.call("POST", "/services/create", spec(*args, **kwargs))
    assert status == 201
    return answer["ID"]


def update(client, name, body):
    version = client.call("GET", f"/services/{name}")[1]["Version"]["Index"]
    return client.call("POST", f"/services/{name}/update", body, version=version)


def tasks_of(client, name, **filters):
    status, tasks = client.call("GET", "/tasks", filters={"service": [name], **filters})
    assert status == 200
    return [(t["Status"]["State"], t["DesiredState"], t["Status"].get("Err", "")) for t in tasks]


# The server and its record.


def test_engine__requests_share_a_connection(engine, client):
    for _ in range(3):
        assert client.call("GET", "/services") == (200, [])
    assert engine.connections == 1


def test_engine__requests_are_recorded_in_order_with_query_and_body(engine, client):
    client.call("GET", "/v1.41/services", filters={"label": {"zpm.platform=x": True}})
    client.call("POST", "/volumes/create", {"Name": "v"})
    client.call("DELETE", "/volumes/v")
    assert engine.lines() == ["GET /services", "POST /volumes/create", "DELETE /volumes/v"]
    assert engine.lines("POST", "DELETE") == [str(r) for r in engine.writes]
    first, second, third = engine.requests
    assert (first.version, first.filters) == ("1.41", {"label": ["zpm.platform=x"]})
    assert (second.version, second.body) == ("", {"Name": "v"})
    assert [r.status for r in engine.requests] == [200, 201, 204]


def test_engine__client_newer_than_the_engine_is_refused(client):
    status, answer = client.call("GET", "/v1.42/services")
    assert status == 400 and "client version 1.42 is too new" in answer["message"]


def test_engine__unknown_path_is_not_found(client):
    for request in ("GET /nope", "POST /nope/create", "DELETE /nope/1", "GET /a/b/c"):
        assert client.call(*request.split(), {}) == (404, {"message": "page not found"})


def test_engine__body_that_is_not_json_is_refused(engine, client):
    client.request("POST", "/services/create", b"{nope")
    answer = client.getresponse()
    answer.read()
    assert answer.status == 400
    assert not engine.services()


def test_engine__unknown_filter_is_refused(client):
    for kind in ("services", "networks", "volumes", "tasks", "nodes"):
        assert client.call("GET", f"/{kind}", filters={"colour": ["red"]})[0] == 400


def test_engine__requests_in_flight_at_once_are_counted(engine):
    hang = engine.inject(Hang(), times=None)
    threads = [threading.Thread(target=call_once, args=(engine, "GET", "/services"))
               for _ in range(4)]
    for thread in threads:
        thread.start()
    engine.wait_in_flight(4)
    hang.release()
    for thread in threads:
        thread.join(TIMEOUT)
    assert engine.most_in_flight == 4


def test_engine__wait_for_returns_a_request_that_comes_later(engine, client):
    thread = threading.Timer(0.05, client.call, ("GET", "/services"))
    thread.start()
    assert engine.wait_for(on("GET", "/services")).path == "/services"
    thread.join(TIMEOUT)


@pytest.mark.parametrize("swarm, part", [("inactive", "docker swarm init"), ("worker", "Worker nodes"),
                                         ("locked", "docker swarm")])
def test_engine__that_is_no_manager_refuses_all_of_swarm(engine, client, swarm, part):
    engine.state.swarm = swarm
    for path in ("/swarm", "/services", "/tasks", "/nodes"):
        status, answer = client.call("GET", path)
        assert status == 503 and part in answer["message"]
    info = client.call("GET", "/info")[1]["Swarm"]
    assert info["LocalNodeState"] == ("active" if swarm == "worker" else swarm)
    assert not info["ControlAvailable"]


# Services.


def test_services__spec_is_shown_as_the_engine_normalises_it(client):
    network = client.call("POST", "/networks/create", {"Name": "n", "Driver": "overlay"})[1]["Id"]
    status, answer = client.call("POST", "/services/create", {
        "Name": "a", "Labels": None, "Unknown": 1,
        "TaskTemplate": {"ContainerSpec": {"Image": "demo:1", "Args": [], "TTY": False, "Init": False,
                                           "Labels": {"empty": ""}},
                         "Networks": [{"Target": "n"}], "RestartPolicy": {}, "Resources": {}},
        "UpdateConfig": {"Parallelism": 2}, "EndpointSpec": {"Ports": [{"TargetPort": 80}]}})
    assert status == 201
    assert client.call("GET", f"/services/{answer['ID']}")[1]["Spec"] == {
        "Name": "a", "Labels": {},
        "TaskTemplate": {"ContainerSpec": {"Image": "demo:1", "Init": False, "Isolation": "default",
                                           "Labels": {"empty": ""}},
                         "Networks": [{"Target": network}], "Resources": {}, "ForceUpdate": 0,
                         "Runtime": "container", "RestartPolicy": {"Condition": "any", "MaxAttempts": 0}},
        "Mode": {"Replicated": {"Replicas": 1}},
        "UpdateConfig": {"Parallelism": 2, "FailureAction": "pause", "MaxFailureRatio": 0,
                         "Order": "stop-first"},
        "EndpointSpec": {"Mode": "vip", "Ports": [{"TargetPort": 80, "Protocol": "tcp",
                                                   "PublishMode": "ingress"}]}}


def test_services__port_chosen_by_swarm_shows_in_the_endpoint_only(client):
    create(client, "a", EndpointSpec={"Ports": [{"TargetPort": 80}]})
    shown = client.call("GET", "/services/a")[1]
    assert "PublishedPort" not in shown["Spec"]["EndpointSpec"]["Ports"][0]
    assert shown["Endpoint"]["Ports"][0]["PublishedPort"] == 30000


def test_services__insert_defaults_fills_the_rest(client):
    create(client, "a")
    shown = client.call("GET", "/services/a", insertDefaults="true")[1]["Spec"]
    assert shown["TaskTemplate"]["ContainerSpec"]["StopGracePeriod"] == 10 ** 10
    assert shown["RollbackConfig"]["Monitor"] == 5 * 10 ** 9
    assert "RollbackConfig" not in client.call("GET", "/services/a")[1]["Spec"]


@pytest.mark.parametrize("body, status, part", [
    (spec("a"), 409, "service a already exists"),
    (spec("a b"), 400, "name must be valid as a DNS name component"),
    (spec("x" * 64), 400, "63 characters"),
    (spec("b", image=""), 400, "image reference must be provided"),
    ({"Name": "b"}, 400, "mismatched Runtime"),
    (spec("b", TaskTemplate={"ContainerSpec": {"Image": "i"}, "Networks": [{"Target": "z"}]}), 500,
     "network z not found"),
    (spec("b", EndpointSpec={"Ports": [{"TargetPort": 1, "PublishedPort": 80}]}), 400,
     "port '80' is already in use by service 'a'"),
])
def test_services__bad_create_is_refused_and_makes_nothing(engine, client, body, status, part):
    create(client, "a", EndpointSpec={"Ports": [{"TargetPort": 1, "PublishedPort": 80}]})
    answer = client.call("POST", "/services/create", body)
    assert answer[0] == status and part in answer[1]["message"]
    assert list(engine.services()) == ["a"]


def test_services__update_from_an_old_version_is_out_of_sequence(engine, client):
    create(client, "a")
    old = client.call("GET", "/services/a")[1]["Version"]["Index"]
    assert update(client, "a", spec("a", Labels={"l": "1"})) == (200, {"Warnings": None})
    assert client.call("POST", "/services/a/update", spec("a"), version=old) == (
        500, {"message": "rpc error: code = Unknown desc = update out of sequence"})
    assert engine.services()["a"]["Spec"]["Labels"] == {"l": "1"}


def test_services__update_replaces_the_whole_spec_and_keeps_the_previous(client):
    create(client, "a", Labels={"l": "1"})
    before = client.call("GET", "/services/a")[1]
    update(client, "a", spec("a", image="demo:2"))
    after = client.call("GET", "/services/a")[1]
    assert after["Spec"]["Labels"] == {}
    assert after["PreviousSpec"] == before["Spec"]
    assert after["Version"]["Index"] > before["Version"]["Index"]
    assert after["CreatedAt"] == before["CreatedAt"]


@pytest.mark.parametrize("body", [spec("b"), spec("a", Mode={"Global": {}})])
def test_services__rename_and_change_of_mode_are_not_supported(client, body):
    create(client, "a")
    assert update(client, "a", body)[0] == 501


def test_services__list_obeys_filters(client):
    first = create(client, "web", Labels={"zpm.platform": "x"})
    create(client, "web-2", Labels={"zpm.platform": "y"})
    create(client, "db", Mode={"Global": {}})

    def names(**filters):
        return sorted(s["Spec"]["Name"] for s in client.call("GET", "/services", filters=filters)[1])
    assert names() == ["db", "web", "web-2"]
    assert names(name=["web"]) == ["web", "web-2"]
    assert names(id=[first]) == ["web"]
    assert names(label=["zpm.platform"]) == ["web", "web-2"]
    assert names(label=["zpm.platform=y"]) == ["web-2"]
    assert names(mode=["global"]) == ["db"]


def test_services__removed_service_is_gone_with_its_tasks(client):
    create(client, "a")
    assert client.call("DELETE", "/services/a") == (200, None)
    assert client.call("GET", "/services/a") == (404, {"message": "service a not found"})
    assert client.call("GET", "/tasks") == (200, [])
    assert client.call("DELETE", "/services/a")[0] == 404


# Tasks.


def test_tasks__all_run_at_once(client):
    create(client, "a", replicas=3)
    create(client, "g", Mode={"Global": {}})
    assert tasks_of(client, "a") == [("running", "running", "")] * 3
    assert tasks_of(client, "g") == [("running", "running", "")]


def test_tasks__label_update_and_scaling_keep_what_runs(client):
    create(client, "a", replicas=1)
    before = client.call("GET", "/tasks")[1][0]["ID"]
    update(client, "a", spec("a", replicas=2, Labels={"l": "1"}))
    assert before in [t["ID"] for t in client.call("GET", "/tasks")[1]]
    assert tasks_of(client, "a") == [("running", "running", "")] * 2
    assert "UpdateStatus" not in client.call("GET", "/services/a")[1]


def test_tasks__changed_template_replaces_them_and_keeps_the_old_in_the_list(client):
    create(client, "a")
    update(client, "a", spec("a", image="demo:2"))
    assert tasks_of(client, "a") == [("shutdown", "shutdown", ""), ("running", "running", "")]
    assert tasks_of(client, "a", **{"_up-to-date": ["true"]}) == [("running", "running", "")]
    assert tasks_of(client, "a", **{"desired-state": ["running"]}) == [("running", "running", "")]
    assert client.call("GET", "/services/a")[1]["UpdateStatus"]["State"] == "completed"


def test_tasks__looks_come_one_after_the_other_and_the_last_stays(engine, client):
    engine.tasks("a", Look("pending", "no suitable node"), "starting", "running")
    create(client, "a")
    assert tasks_of(client, "a") == [("pending", "running", "no suitable node")]
    assert tasks_of(client, "a") == [("starting", "running", "")]
    assert tasks_of(client, "a") == [("running", "running", "")]
    assert tasks_of(client, "a") == [("running", "running", "")]


def test_tasks__rejected_task_is_followed_by_another(engine, client):
    engine.tasks("a", Look("preparing", past=(Look("rejected", "No such image: demo:1"),)))
    create(client, "a")
    assert tasks_of(client, "a", **{"_up-to-date": ["true"]}) == [
        ("preparing", "running", ""), ("rejected", "shutdown", "No such image: demo:1")]


def test_tasks__of_an_unknown_service_are_not_found(client):
    assert client.call("GET", "/tasks", filters={"service": ["x"]}) == (
        404, {"message": "service x not found"})


# Networks and volumes.


def test_networks__one_in_use_cannot_be_removed(client):
    network = client.call("POST", "/networks/create", {"Name": "n", "Driver": "overlay"})[1]["Id"]
    template = {"ContainerSpec": {"Image": "i"}, "Networks": [{"Target": "n"}]}
    service = create(client, "a", TaskTemplate=template)
    status, answer = client.call("DELETE", "/networks/n")
    assert status == 400 and f"network {network} is in use by service {service}" in answer["message"]
    client.call("DELETE", "/services/a")
    assert client.call("DELETE", "/networks/n") == (204, None)


def test_networks__list_has_the_predefined_ones_and_obeys_filters(client):
    body = {"Name": "n", "Driver": "overlay", "Labels": {"zpm.platform": "x"}}
    client.call("POST", "/networks/create", body)
    names = [n["Name"] for n in client.call("GET", "/networks")[1]]
    assert names == ["ingress", "bridge", "host", "none", "n"]
    labelled = client.call("GET", "/networks", filters={"label": ["zpm.platform=x"]})[1]
    assert [(n["Name"], n["Scope"], n["Labels"]) for n in labelled] == [("n", "swarm", {"zpm.platform": "x"})]


def test_networks__second_of_a_name_and_removal_of_a_predefined_one_are_refused(client):
    body = {"Name": "n", "Driver": "overlay"}
    assert client.call("POST", "/networks/create", body)[0] == 201
    assert client.call("POST", "/networks/create", body)[0] == 409
    assert client.call("DELETE", "/networks/host")[0] == 403


def test_volumes__second_create_succeeds_and_keeps_the_old_options(client):
    assert client.call("GET", "/volumes") == (200, {"Volumes": [], "Warnings": None})
    client.call("POST", "/volumes/create", {"Name": "v", "DriverOpts": {"type": "nfs"}})
    status, answer = client.call("POST", "/volumes/create", {"Name": "v", "DriverOpts": {"type": "tmpfs"}})
    assert (status, answer["Options"]) == (201, {"type": "nfs"})
    assert client.call("POST", "/volumes/create", {"Name": "v", "Driver": "other"})[0] == 409


def test_volumes__one_that_a_task_mounts_is_made_and_cannot_be_removed(client):
    mounts = [{"Type": "volume", "Source": "v", "Target": "/v", "VolumeOptions": {"Labels": {"l": "1"}}}]
    create(client, "a", TaskTemplate={"ContainerSpec": {"Image": "i", "Mounts": mounts}})
    assert client.call("GET", "/volumes", filters={"label": ["l=1"]})[1]["Volumes"][0]["Name"] == "v"
    status, answer = client.call("DELETE", "/volumes/v")
    assert status == 409 and "volume is in use" in answer["message"]
    client.call("DELETE", "/services/a")
    assert client.call("DELETE", "/volumes/v") == (204, None)
    assert client.call("DELETE", "/volumes/v") == (404, {"message": "get v: no such volume"})


# Faults.


def test_faults__answer_hits_the_nth_match_and_no_other(engine, client):
    fault = engine.inject(Answer(500, "disk full"), on("POST", "/volumes/create"), nth=2)
    answers = [client.call("POST", "/volumes/create", {"Name": n})[0] for n in ("a", "b", "c")]
    assert answers == [201, 500, 201]
    assert list(engine.state.volumes) == ["a", "c"]
    assert fault.hits == 1


def test_faults__times_none_never_ends(engine, client):
    engine.inject(Answer(503, "busy"), nth=2, times=None)
    assert [client.call("GET", "/services")[0] for _ in range(4)] == [200, 503, 503, 503]


def test_faults__predicate_may_look_at_the_body(engine, client):
    engine.inject(Answer(400, "no"), on("POST", "/volumes/create", lambda body: body["Name"] == "b"))
    assert [client.call("POST", "/volumes/create", {"Name": n})[0] for n in "abc"] == [201, 400, 201]


def test_faults__carried_out_changes_the_state_and_loses_the_answer(engine, client):
    engine.inject(Answer(500, "lost", carried_out=True))
    assert client.call("POST", "/services/create", spec("a"))[0] == 500
    assert list(engine.services()) == ["a"]


def test_faults__garbage_is_not_http(engine, client):
    engine.inject(Garbage())
    with pytest.raises(http.client.BadStatusLine):
        client.call("GET", "/services")


def test_faults__close_early_sends_less_than_it_announced(engine, client):
    engine.inject(CloseEarly())
    with pytest.raises(http.client.IncompleteRead) as error:
        client.call("GET", "/version")
    assert error.value.partial
    assert error.value.expected > 0


def test_faults__close_early_may_be_silent(engine, client):
    engine.inject(CloseEarly(silent=True))
    with pytest.raises(http.client.RemoteDisconnected):
        client.call("POST", "/services/create", spec("a"))
    assert list(engine.services()) == ["a"]


def test_faults__hang_answers_once_released(engine, client):
    hang = engine.inject(Hang())
    answers = []

    def call():
        answers.append(client.call("POST", "/services/create", spec("a")))
    thread = threading.Thread(target=call)
    thread.start()
    hang.wait_hit()
    assert not answers and not engine.services()
    hang.release()
    thread.join(TIMEOUT)
    assert answers[0][0] == 201
    assert list(engine.services()) == ["a"]


def test_faults__stop_does_not_wait_for_what_hangs():
    engine = ScriptedEngine()
    engine.accept_connections()
    hang = engine.inject(Hang())

    def call():
        with contextlib.suppress(OSError, http.client.HTTPException):
            call_once(engine, "GET", "/info")
    thread = threading.Thread(target=call)
    thread.start()
    hang.wait_hit()
    engine.stop()
    thread.join(TIMEOUT)
    assert not thread.is_alive()


def test_faults__refused_connections_come_back_with_the_state_kept(engine, client):
    create(client, "a")
    engine.refuse_connections()
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        client.call("GET", "/services")
    with pytest.raises(ConnectionRefusedError):
        call_once(engine, "GET", "/services")
    engine.accept_connections()
    assert len(call_once(engine, "GET", "/services")[1]) == 1
