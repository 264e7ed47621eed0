// The status page of `zpm run`. Asks only the server it came from; all that comes from there is shown as text.
"use strict";

const RANK = { viewer: 1, operator: 2, admin: 3 };
const TIERS = ["system", "mongo", "core", "batch", "apps", "ui"];
const SIGNS = { converged: "✓", progressing: "…", differs: "≠", held: "‖", failed: "✕", missing: "?", quarantined: "✕", orphan: "○" };
const PLAN_SIGNS = { create: "+", update: "~", replace: "±", delete: "-", adopt: "~" };
const DOCUMENTS = {
  status: "/status", plan: "/plan", history: "/history", integrations: "/integration/list", tenants: "/tenant/list",
};
const EVENTS_KEPT = 100;
const LONGEST_PAUSE = 30_000;

const $ = (id) => document.getElementById(id);
const state = { token: sessionStorage.getItem("zpm-token"), who: null, docs: {}, etags: {}, reading: null, lastEvent: "" };

// ---- The document tree

/** An element with attributes ("class", "text", anything else as it is) and children. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Changes only what is another one, so that what has the focus keeps it and nothing is read out twice. */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") {
      if (element.textContent !== value) element.textContent = value;
    } else if (name === "hidden" || name === "disabled") {
      if (element[name] !== value) element[name] = value;
    } else if (element.getAttribute(name) !== String(value)) {
      element.setAttribute(name, value);
    }
  }
  return element;
}

/** The children of `parent`, one for each item, kept by key: made once, updated, moved and removed. */
function each(parent, items, key, make, update) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const keys = new Set(items.map((item) => String(key(item))));
  // First, as what has to make room for them would be moved, and lose the focus by that.
  for (const [name, child] of old) if (!keys.has(name)) child.remove();
  let at = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let child = old.get(name);
    if (!child) {
      child = make(item);
      child.dataset.key = name;
    }
    update(child, item);
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
}

function ago(time) {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000));
  if (Number.isNaN(seconds)) return "";
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 129600 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86400)} days ago`;
}

function notice(text) {
  set($("notice"), { text });
  clearTimeout(notice.timer);
  notice.timer = setTimeout(() => set($("notice"), { text: "" }), 8000);
}

// ---- The server

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(method, path, body, headers = {}) {
  const response = await fetch(path, {
    method,
    headers: { Authorization: `Bearer ${state.token}`, ...(body ? { "Content-Type": "application/json" } : {}), ...headers },
    body: body ? JSON.stringify(body) : undefined,
    cache: "no-store",
    redirect: "error",
  });
  if (response.ok || response.status === 304) return response;
  const answer = await response.json().catch(() => null);
  if (response.status === 401) signOut("The token is not taken, or no longer.");
  throw new Refused(response.status, answer?.error?.message ?? `the server answers ${response.status}`);
}

async function load(name) {
  const known = state.etags[name];
  const response = await ask("GET", DOCUMENTS[name], null, known ? { "If-None-Match": known } : {});
  if (response.status === 304) return;
  state.docs[name] = await response.json();
  state.etags[name] = response.headers.get("ETag");
  schedule();
}

/** What cannot be had yet comes with an event. */
function loadSoon(name) {
  load(name).catch((error) => {
    if (error.status !== 503 && error.status !== 401) notice(`Cannot load ${name}: ${error.message}`);
  });
}

async function command(path, body, said, headers) {
  try {
    await ask("POST", path, body, headers);
    notice(said);
  } catch (error) {
    notice(error.status === 412 ? "The plan has changed meanwhile: look at the new one." : `Not done: ${error.message}`);
    if (error.status === 412) loadSoon("plan");
  }
}

// ---- Events

/** The events of a stream, as its server sends them. */
async function* read(stream, signal) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = {};
  signal.addEventListener("abort", () => reader.cancel().catch(() => {}));
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const [, field, text] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
      if (field) event[field] = text;
      if (line === "" && event.data) yield event;
      if (line === "") event = {};
    }
  }
}

async function listen() {
  const stop = new AbortController();
  state.reading?.abort();
  state.reading = stop;
  for (let failures = 0; !stop.signal.aborted; failures++) {
    try {
      const headers = state.lastEvent ? { "Last-Event-ID": state.lastEvent } : {};
      const response = await ask("GET", "/events", null, headers);
      set($("live"), { text: "● live" });
      failures = 0;
      Object.keys(DOCUMENTS).forEach(loadSoon);
      for await (const event of read(response.body, stop.signal)) take(event);
    } catch (error) {
      if (error.status === 401 || stop.signal.aborted) return;
    }
    if (stop.signal.aborted) return;
    set($("live"), { text: "○ not connected; what is shown may be old" });
    await new Promise((done) => setTimeout(done, Math.min(500 * 2 ** failures, LONGEST_PAUSE)));
  }
}

function take({ id, event, data }) {
  const content = JSON.parse(data);
  state.lastEvent = id ?? state.lastEvent;
  if (event === "document") {
    if (content.document in DOCUMENTS) loadSoon(content.document);
    return;
  }
  const line = h("li", {}, h("time", { class: "quiet", datetime: content.at, title: content.at, text: ago(content.at) }),
    h("span", { class: "word", text: event }), h("span", { class: "text", text: content.text }));
  $("events").prepend(line);
  while ($("events").children.length > EVENTS_KEPT) $("events").lastElementChild.remove();
}

// ---- Asking before doing

function confirm({ title, text = "", list = [], yes, reason = false }) {
  const dialog = $("dialog");
  set($("dialog-title"), { text: title });
  set($("dialog-text"), { text });
  set($("dialog-yes"), { text: yes });
  set($("dialog-reason-box"), { hidden: !reason });
  $("dialog-reason").value = "";
  $("dialog-list").replaceChildren(...list.map((line) => h("li", { text: line })));
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      done(dialog.returnValue === "yes" ? { reason: $("dialog-reason").value.trim() } : null);
    }, { once: true });
  });
}

const withReason = (body, reason) => (reason ? { ...body, reason } : body);
const may = (role) => RANK[state.who?.role] >= RANK[role];

async function stopService(serviceName) {
  const answer = await confirm({ title: `Stop ${serviceName}?`, yes: "Stop", reason: true,
    text: "It is held at no tasks until it is started again; what depends on it stays as it is." });
  if (answer) await command("/service/stop", withReason({ serviceName }, answer.reason), `${serviceName} is being stopped.`);
}

async function startService(serviceName) {
  if (await confirm({ title: `Start ${serviceName}?`, yes: "Start" }))
    await command("/service/start", { serviceName }, `${serviceName} is being started.`);
}

async function apply() {
  const etag = state.etags.plan;
  const list = state.docs.plan.changes.map((change) => `${change.action} ${change.kind} ${change.name}: ${cost(change)}`);
  if (await confirm({ title: "Apply this plan?", yes: "Apply", list, text: "Now, also outside of maintenance windows." }))
    await command("/apply", {}, "It is being applied.", { "If-Match": etag });
}

async function pause() {
  const answer = await confirm({ title: "Pause the platform?", yes: "Pause", reason: true,
    text: "No zpm run changes anything until it is resumed." });
  if (answer) await command("/pause", withReason({}, answer.reason), "Paused.");
}

async function resume() {
  if (await confirm({ title: "Resume?", yes: "Resume", text: "What is due is done at once." }))
    await command("/resume", {}, "Resumed.");
}

async function rollBack(revision) {
  if (await confirm({ title: `Go back to revision ${revision}?`, yes: "Roll back",
    text: "It is in force until the manifest changes." }))
    await command("/rollback", { revision }, `Going back to revision ${revision}.`);
}

// ---- What is shown

const isWrong = (object) => object.state !== "converged";
const plural = (n, one) => `${n} ${one}${n === 1 ? "" : "s"}`;

function verdict(status) {
  const wrong = status.objects.filter((object) => isWrong(object) && object.state !== "held").length;
  if (status.trouble) return ["bad", "Cannot look"];
  if (status.mistakes.length) return ["bad", "Manifest has mistakes"];
  if (wrong) return [status.objects.some((o) => /^(failed|missing|quarantined)$/.test(o.state)) ? "bad" : "warn",
    `${plural(wrong, "object")} not converged`];
  return status.paused ? ["warn", "Paused"] : ["well", "Converged"];
}

function showHeader(status) {
  const [kind, text] = verdict(status);
  const commit = status.manifest.commit;
  const facts = [
    ["Manifest", status.manifest.hash.slice(0, 19)], ["Commit", commit?.slice(0, 12)],
    ["Revision", status.pinned && `${status.pinned.revision}, until the manifest changes`],
    ["Lease", status.lease.leads ? `this one leads, term ${status.lease.term}` : `held by ${status.lease.holder || "nobody"}`],
  ].filter(([, value]) => value);
  document.title = `${status.platform}: ${text}`;
  set($("platform"), { text: status.platform });
  set($("verdict"), { text, class: `badge ${kind}` });
  each($("facts"), facts, ([name]) => name, ([name]) => h("div", {}, h("dt", { text: name }), h("dd")),
    (row, [, value]) => set(row.lastChild, { text: value, class: "mono" }));
  set($("pause"), { hidden: !may("admin") || Boolean(status.paused) });
  set($("resume"), { hidden: !may("admin") || !status.paused });
}

/** What is wrong comes first. */
function showAlerts(status) {
  const alerts = [];
  if (status.trouble) alerts.push({ key: "trouble", kind: "bad", title: "What is shown is old", lines: [status.trouble] });
  if (status.mistakes.length) {
    alerts.push({ key: "mistakes", kind: "bad", title: "The manifest has mistakes; the last good one stays in force",
      lines: status.mistakes.map((m) => `${m.file}:${m.line}:${m.column}: ${m.message}`) });
  }
  for (const one of status.objects.filter((o) => o.members && !o.primary))
    alerts.push({ key: refOf(one), kind: "bad", title: `Replica set ${one.name} has no primary`, lines: [one.why ?? "It is electing one."] });
  const broken = status.services.filter((service) => /^(failed|missing|quarantined)$/.test(service.state));
  if (broken.length) {
    alerts.push({ key: "broken", kind: "bad", title: `${plural(broken.length, "service")} in trouble`,
      lines: broken.map((service) => `${service.name} ${service.state}${service.why ? `: ${service.why}` : ""}`) });
  }
  if (status.paused) alerts.push({ key: "paused", kind: "", title: "Paused: nothing is changed", lines: [status.paused] });
  each($("alerts"), alerts, (alert) => alert.key, () => h("div", {}, h("strong"), h("ul")), (box, alert) => {
    set(box, { class: `alert ${alert.kind}` });
    set(box.firstChild, { text: alert.title });
    each(box.lastChild, alert.lines, (line) => line, (line) => h("li", { class: "mono", text: line }), () => {});
  });
}

function makeRow(object) {
  const button = h("button", { type: "button" });
  button.addEventListener("click", () => (button.dataset.op === "start" ? startService : stopService)(object.name));
  return h("li", { class: "row" }, h("span", { class: "state" }), h("span", { class: "name" }), h("span", { class: "tasks" }),
    h("span", { class: "why" }), h("span", { class: "act" }, button));
}

function updateRow(row, object) {
  const [word, name, tasks, why, act] = row.children;
  const op = object.hold ? "start" : "stop";
  const isService = object.kind === "service";
  set(word, { class: `state ${object.state}`, "data-sign": SIGNS[object.state] ?? "·", text: object.state });
  set(name, { text: isService ? object.name : `${object.kind} ${object.name}`, title: object.engineName ?? "" });
  set(tasks, { text: isService ? `${object.running}/${object.desired}` : "", title: isService ? "tasks that run, of those wanted" : "" });
  set(why, { text: object.why ?? "" });
  set(act.firstChild, { hidden: !isService || !may("operator") || object.state === "orphan", "data-op": op,
    text: op === "start" ? "Start" : "Stop", "aria-label": `${op === "start" ? "Start" : "Stop"} ${object.name}` });
}

const refOf = (object) => `${object.kind}/${object.name}`;

function showServices(status) {
  const words = $("filter").value.trim().toLowerCase();
  const onlyWrong = $("only-wrong").checked;
  const shown = status.services.filter((s) => (!onlyWrong || isWrong(s)) &&
    (!words || `${s.name} ${s.state} ${s.why ?? ""}`.toLowerCase().includes(words)));
  const tiers = [...TIERS, ""].map((name) => ({ name, services: shown.filter((s) => (TIERS.includes(s.tier) ? s.tier : "") === name) }))
    .filter((tier) => tier.services.length);
  each($("tiers"), tiers, (tier) => tier.name, (tier) => h("div", { class: "tier" },
    h("h3", { text: tier.name || "other" }), h("ul", { class: "rows" })),
  (box, tier) => each(box.lastChild, tier.services, refOf, makeRow, updateRow));
  set($("none"), { hidden: shown.length > 0 });
}

function showObjects(status) {
  const others = status.objects.filter((o) => o.kind !== "service");
  const wrong = others.filter(isWrong).length;
  if (!$("objects").firstChild) $("objects").append(h("ul", { class: "rows" }));
  each($("objects").firstChild, others, refOf, makeRow, updateRow);
  set($("objects-count"), { text: wrong ? `(${others.length}, ${wrong} not converged)` : `(${others.length})` });
}

// ---- MongoDB as a picture

const BOX = { width: 300, height: 46, gap: 10, indent: 34 };

function s(tag, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function memberText(member) {
  const other = member.declaredPriority !== null && member.declaredPriority !== undefined && member.declaredPriority !== member.priority;
  const priority = member.priority === null || member.priority === undefined ? "not a member"
    : `priority ${member.priority}${other ? ` (declared ${member.declaredPriority})` : ""}`;
  return [priority, member.votes === 0 && "no vote", member.lagSeconds > 0 && `${member.lagSeconds} s behind`].filter(Boolean).join(", ");
}

/** The primary on top, the others joined to it, each with what tells it from the rest. */
function drawSet(set_) {
  const members = [...set_.members].sort((a, b) => (b.state === "primary") - (a.state === "primary"));
  const height = members.length * (BOX.height + BOX.gap);
  const svg = s("svg", { viewBox: `0 0 ${BOX.width + BOX.indent + 4} ${height}`, role: "img" });
  const said = members.map((m) => `${m.host} ${m.state}, ${memberText(m)}`).join("; ");
  svg.append(s("title", {}, `${set_.name}: ${said}`));
  members.forEach((member, i) => {
    const y = i * (BOX.height + BOX.gap) + 2;
    const kind = member.state === "primary" ? "primary" : /^(secondary|arbiter)$/.test(member.state) ? "" : "away";
    const group = s("g", { class: kind });
    const x = member.state === "primary" ? 2 : BOX.indent;
    if (set_.primary && i > 0)
      svg.append(s("path", { class: "link", d: `M 16 ${BOX.height + 2} V ${y + BOX.height / 2} H ${BOX.indent}` }));
    group.append(s("rect", { class: "box", x, y, width: BOX.width, height: BOX.height, rx: 6 }),
      s("text", { x: x + 10, y: y + 19 }, shorten(member.host, 30)),
      s("text", { class: "word", x: x + BOX.width - 10, y: y + 19, "text-anchor": "end" }, member.state),
      s("text", { class: "small", x: x + 10, y: y + 36 }, shorten(member.why ?? memberText(member), 48)));
    svg.append(group);
  });
  return svg;
}

const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function showMongo(status) {
  const sets = status.objects.filter((o) => o.members);
  set($("mongo"), { hidden: !sets.length });
  each($("sets"), sets, (one) => one.name, () => h("article", {}, h("h3"), h("p", { class: "quiet" }), h("div")), (box, one) => {
    const drawn = JSON.stringify(one);
    set(box, { class: one.primary ? "set" : "set electing" });
    set(box.children[0], { text: one.name });
    set(box.children[1], { text: one.primary ? `primary ${one.primary}, term ${one.term}` : "electing: no primary" });
    if (box.dataset.drawn !== drawn) box.children[2].replaceChildren(drawSet(one));
    box.dataset.drawn = drawn;
  });
}

// ---- Plan, history, catalog

const COSTS = { none: "costs nothing", "in-place": "in place", restart: "restarts tasks", election: "elects another primary", "data-risk": "puts data at risk" };
const cost = (change) => COSTS[change.impact] ?? change.impact;
const value = (json) => (json === null || json === undefined ? "(none)" : typeof json === "string" ? json : JSON.stringify(json));

function fieldLine(field) {
  return h("li", {}, h("code", { text: field.path }), " ", h("del", { text: value(field.old) }), " → ", h("ins", { text: value(field.new) }));
}

function showPlan(plan) {
  const { summary, changes } = plan;
  const counts = ["create", "update", "replace", "delete", "adopt"].filter((name) => summary[name]).map((name) => plural(summary[name], name));
  set($("plan-summary"), { text: changes.length ? `${plural(changes.length, "change")} (${counts.join(", ")}), ${summary.unchanged} unchanged`
    : `Nothing to do, ${summary.unchanged} unchanged.` });
  set($("apply"), { hidden: !may("operator") || !changes.length });
  each($("plan"), changes, (change) => `${change.action} ${refOf(change)}`, (change) => h("div", { class: `change ${change.action}` },
    h("div", { class: "head" }, h("span", { class: "sign", text: PLAN_SIGNS[change.action] ?? "?", "aria-hidden": "true" }),
      h("strong", { text: `${change.action} ${change.kind} ${change.name}` }), h("span", { class: "quiet" })), h("ul", { class: "fields" })),
  (box, change) => {
    set(box.firstChild.lastChild, { text: `${cost(change)} (${change.reason})` });
    each(box.lastChild, change.fields ?? [], (field) => JSON.stringify(field), fieldLine, () => {});
  });
}

function makeRevision(revision) {
  const button = h("button", { type: "button", text: "Roll back…", "aria-label": `Roll back to revision ${revision.revision}` });
  button.addEventListener("click", () => rollBack(revision.revision));
  return h("tr", {}, ...Array.from({ length: 6 }, (_, i) => h("td", i === 4 || i === 5 ? { class: "wide" } : {})), h("td", {}, button));
}

function showHistory(history) {
  each($("history"), history, (r) => r.revision, makeRevision, (row, r) => {
    const cells = [String(r.revision), ago(r.since), r.outcome ?? "", r.commit?.slice(0, 12) ?? "", r.changes ?? "", r.by ?? ""];
    cells.forEach((text, i) => set(row.children[i], { text }));
    set(row.children[1], { title: r.since ?? "" });
    set(row.lastChild.firstChild, { hidden: !may("admin") || r === history[0] });
  });
}

function showRows(id, items, key, cells) {
  each($(id), items, key, (item) => h("tr", {}, ...cells(item).map(() => h("td"))),
    (row, item) => cells(item).forEach((text, i) => set(row.children[i], { text: String(text ?? "") })));
}

function showCatalog({ integrations = [], tenants = [] }) {
  set($("catalog-box"), { hidden: !integrations.length && !tenants.length });
  showRows("integrations", integrations, (i) => `${i.tenantcode}/${i.id}`,
    (i) => [i.tenantcode, i.title ?? i.id, i.executable, i.service, i.why ? `${i.state}: ${i.why}` : i.state]);
  showRows("tenants", tenants, (t) => t.code ?? t.tenantcode ?? t.id,
    (t) => [t.code ?? t.tenantcode ?? t.id, t.name, t.status, t.why ?? `${t.active} of ${t.integrations} on`]);
}

let scheduled = false;

/** Once a frame, however many documents have come. */
function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    show();
  });
}

function show() {
  const { status, plan, history, integrations, tenants } = state.docs;
  if (!state.who) return;
  if (status) {
    showHeader(status);
    showAlerts(status);
    showServices(status);
    showObjects(status);
    showMongo(status);
  }
  if (plan) showPlan(plan);
  if (history) showHistory(history);
  showCatalog({ integrations, tenants });
}

// ---- Who looks

function signOut(why = "") {
  state.reading?.abort();
  Object.assign(state, { token: null, who: null, docs: {}, etags: {}, lastEvent: "" });
  sessionStorage.removeItem("zpm-token");
  $("events").replaceChildren();
  for (const id of ["main", "session"]) set($(id), { hidden: true });
  set($("sign-in"), { hidden: false });
  set($("sign-in-error"), { text: why });
  for (const id of ["live", "verdict"]) set($(id), { text: "" });
  $("token").focus();
}

async function begin() {
  try {
    state.who = await (await ask("GET", "/whoami")).json();
  } catch (error) {
    if (error.status !== 401) signOut(`Cannot sign in: ${error.message}`);
    return;
  }
  sessionStorage.setItem("zpm-token", state.token);
  $("token").value = "";
  set($("who"), { text: `${state.who.name} (${state.who.role})` });
  set($("sign-in"), { hidden: true });
  for (const id of ["main", "session"]) set($(id), { hidden: false });
  listen();
}

$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  state.token = $("token").value.trim();
  set($("sign-in-error"), { text: "" });
  begin();
});
$("sign-out").addEventListener("click", () => signOut());
$("apply").addEventListener("click", apply);
$("pause").addEventListener("click", pause);
$("resume").addEventListener("click", resume);
$("filter").addEventListener("input", schedule);
$("only-wrong").addEventListener("change", schedule);
setInterval(() => {
  for (const time of $("events").querySelectorAll("time")) set(time, { text: ago(time.dateTime) });
  schedule();
}, 10_000);

if (state.token) begin();
else signOut();
