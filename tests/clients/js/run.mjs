// Home Assistant's own JavaScript client against a hub. Prints what it met as one line of JSON.
import {
  ERR_INVALID_AUTH, callService, createConnection, createLongLivedTokenAuth, entitiesColl, configColl, getAuth, getConfig,
  getServices, getStates, getUser, servicesColl, subscribeConfig, subscribeEntities, subscribeServices,
} from "home-assistant-js-websocket";
import WebSocket from "ws";

globalThis.WebSocket = WebSocket;
const { HUB_URL, HUB_TOKEN, HUB_CODE, HUB_CLIENT, LIGHT, SENSOR } = process.env;
const met = {};
const PATIENCE = 15_000;

/** Resolves with what `subscribe` brings as soon as `good` says so. */
async function until(subscribe, good) {
  let end = () => undefined;
  const found = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Nothing good came of ${subscribe}`)), PATIENCE);
    end = subscribe((value) => {
      if (good(value)) {
        clearTimeout(timer);
        resolve(value);
      }
    });
  });
  const value = await found;
  await (await end)?.();
  return value;
}

const auth = await getAuth({ hassUrl: HUB_URL, authCode: HUB_CODE, clientId: HUB_CLIENT });
await auth.refreshAccessToken();
const connection = await createConnection({ auth });
met.version = connection.haVersion;
met.user = (await getUser(connection)).name;
met.states = (await getStates(connection)).length;
met.location = (await getConfig(connection)).location_name;
met.services = Object.keys((await getServices(connection)).light);
await connection.ping();

const before = await until((call) => subscribeEntities(connection, call), (all) => LIGHT in all && SENSOR in all);
met.light = before[LIGHT].attributes.friendly_name;
const changed = until((call) => subscribeEntities(connection, call), (all) => all[LIGHT].state !== before[LIGHT].state);
met.called = Object.keys(await callService(connection, "light", "toggle", {}, { entity_id: LIGHT }));
met.toggled = (await changed)[LIGHT].state !== before[LIGHT].state;
met.config = (await until((call) => subscribeConfig(connection, call), Boolean)).state;
met.domains = Object.keys(await until((call) => subscribeServices(connection, call), Boolean)).includes("light");
met.collections = [configColl, entitiesColl, servicesColl].every((make) => make(connection).state !== undefined);

const events = until((call) => connection.subscribeEvents(call, "js_event"), (event) => event.data.n === 1);
await connection.sendMessagePromise({ type: "fire_event", event_type: "js_event", event_data: { n: 1 } });
met.event = (await events).event_type;

const trigger = { platform: "event", event_type: "js_trigger" };
const fired = until((call) => connection.subscribeMessage(call, { type: "subscribe_trigger", trigger }), Boolean);
await connection.sendMessagePromise({ type: "fire_event", event_type: "js_trigger" });
met.trigger = (await fired).variables.trigger.platform;

const template = { type: "render_template", template: `{{ states('${LIGHT}') }}` };
met.template = (await until((call) => connection.subscribeMessage(call, template), Boolean)).result;
met.unknown = await connection.sendMessagePromise({ type: "nope" }).catch((error) => error.code);
met.wrong = await callService(connection, "light", "fly").catch((error) => error.code);

const reconnected = new Promise((resolve) => connection.addEventListener("ready", resolve));
connection.reconnect(true);
await reconnected;
met.reconnected = (await getStates(connection)).length === met.states;

await auth.revoke();
connection.close();
const revoked = createConnection({ auth, setupRetry: 0 });
met.revoked = await revoked.then(() => "connected", (error) => (error === ERR_INVALID_AUTH ? "invalid auth" : error));
const lasting = await createConnection({ auth: createLongLivedTokenAuth(HUB_URL, HUB_TOKEN) });
met.lasting = (await getStates(lasting)).length === met.states;
lasting.close();
console.log(JSON.stringify(met));
process.exit(0);
