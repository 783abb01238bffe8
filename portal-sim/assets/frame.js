// The portal's side of the frame protocol (sections 6.3 and 6.4 of our notes), then the opening.
(() => {
  "use strict";
  const opening = JSON.parse(document.getElementById("opening").textContent);
  const frame = document.getElementById("app-frame");
  const appOrigin = new URL(opening.appUrl, location.href).origin;
  const NO_REPLY = Symbol("no reply");

  const reply = (callback, value) => {
    if (value === NO_REPLY || !callback) return;
    const json = value === undefined ? "" : JSON.stringify(value);
    frame.contentWindow.postMessage(`${callback}:${json}`, appOrigin);
  };

  const ask = async (path, body) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  };

  const getInitData = () => {
    const data = { ...opening.initData };
    opening.initData.FIRST_RUN = false;
    return data;
  };

  const refreshAuth = async () => {
    try {
      const pair = await ask("/page/tokens", { user: opening.user });
      Object.assign(opening.initData, pair);
      return pair;
    } catch (problem) {
      alert(problem.message);
      return NO_REPLY;
    }
  };

  const resizeWindow = (size) => {
    const height = Number.parseInt(size.height, 10);
    if (height > 0) frame.style.height = `${height}px`;
    return { width: frame.clientWidth, height: frame.clientHeight };
  };

  const setTitle = (params) => {
    const title = String(params.title);
    document.title = title;
    document.getElementById("page-title").textContent = title;
    return params;
  };

  const setScroll = (params) => {
    const top = frame.getBoundingClientRect().top + window.scrollY;
    window.scrollTo(0, top + Number(params.scroll || 0));
    return params;
  };

  const setOption = (kind) => async (params) => {
    if (kind === "app" && !opening.initData.IS_ADMIN) return NO_REPLY;
    const { name, value } = params;
    return ask("/page/options", { kind, user: opening.user, name, value });
  };

  const setInstallFinish = async () => {
    await fetch("/page/install-finish", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ user: opening.user }),
    });
    const address = new URL(location.href);
    address.searchParams.set("install_finished", "Y");
    location.assign(address);
    return NO_REPLY;
  };

  const openPath = (params) => {
    const allowed =
      /^\/(crm\/(deal|lead|contact|company|type)|marketplace|company\/personal\/user\/\d+|workgroups\/group\/\d+)\//;
    if (!allowed.test(String(params.path))) {
      return { result: "error", errorCode: "PATH_NOT_AVAILABLE" };
    }
    window.open(params.path, "_blank");
    return { result: "close" };
  };

  const reloadWindow = () => {
    location.reload();
    return NO_REPLY;
  };

  const closeApplication = () => {
    location.assign(opening.home);
    return NO_REPLY;
  };

  const commands = {
    getInitData,
    refreshAuth,
    resizeWindow,
    setTitle,
    setScroll,
    setAppOption: setOption("app"),
    setUserOption: setOption("user"),
    setInstall: () => ({ result: true }),
    setInstallFinish,
    openPath,
    reloadWindow,
    closeApplication,
    getInterface: () => ({ command: [], event: [] }),
    placementBindEvent: () => NO_REPLY,
  };

  const handle = async (callback, command, params) => {
    const run = Object.hasOwn(commands, command) ? commands[command] : () => NO_REPLY;
    reply(callback, await run(params ?? {}));
  };

  const parse = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  };

  addEventListener("message", (event) => {
    if (event.origin !== appOrigin || event.source !== frame.contentWindow) return;
    const message = event.data;
    if (message && typeof message === "object") {
      if (message.appSid === opening.appSid) {
        handle(message.callback, message.method, message.params);
      }
      return;
    }
    if (typeof message !== "string") return;
    const parts = message.split(":");
    const appSid = parts.pop();
    const callback = parts.pop();
    const command = parts.shift();
    const rest = parts.join(":");
    if (appSid === opening.appSid) handle(callback, command, rest ? parse(rest) : null);
  });

  document.getElementById("opening-form").submit();
})();
