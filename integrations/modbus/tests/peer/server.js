// Modbus devices for tests: `node server.js tcp PORT`, `node server.js serial PATH`, `node server.js tls PORT CERT KEY`.
// It ends when its standard input does. A line of JSON there changes something: {"set": "holding", "at": 0, "to": 215},
// {"silence": 2}, {"answer": 2}. Each unit holds the same; addresses that nobody has set do not exist.
"use strict";

const net = require("node:net");
const readline = require("node:readline");
const tls = require("node:tls");
const fs = require("node:fs");
const { ServerTCP, ServerSerial } = require("modbus-serial");

const [mode, where, certificate, key] = process.argv.slice(2);
const ILLEGAL_ADDRESS = { modbusErrorCode: 2 };
const say = (what) => console.log(JSON.stringify(what));

const tables = { coil: {}, discrete: {}, input: {}, holding: {} };
const stubborn = new Set([40]);
const silent = new Set();

function put(table, at, words) {
  [words].flat().forEach((word, place) => (tables[table][at + place] = word));
}

function words(size, write) {
  const buffer = Buffer.alloc(size);
  write(buffer);
  return Array.from({ length: size / 2 }, (_, place) => buffer.readUInt16BE(2 * place));
}

put("coil", 0, [false, true, false]);
put("discrete", 0, [true, false]);
put("input", 0, words(4, (buffer) => buffer.writeFloatBE(20.5)));
put("input", 2, 0x10000 - 55);
put("input", 3, 1);
put("input", 10, words(4, (buffer) => buffer.writeUInt32BE(123456)));
put("input", 20, words(8, (buffer) => buffer.write("B-1001")));
put("holding", 0, 450);
put("holding", 1, words(4, (buffer) => buffer.writeFloatBE(1.5)));
put("holding", 3, 0);
put("holding", 4, 0b1000);
put("holding", 10, words(8, (buffer) => buffer.write("Cellar")));
put("holding", 40, 7);

const read = (table) => (address, unit, callback) => {
  if (silent.has(unit)) return;
  const value = tables[table][address];
  if (value === undefined) callback(ILLEGAL_ADDRESS);
  else callback(null, value);
};

const readMany = (table) => (address, length, unit, callback) => {
  if (silent.has(unit)) return;
  say({ read: table, at: address, count: length, unit });
  const values = Array.from({ length }, (_, place) => tables[table][address + place]);
  if (values.includes(undefined)) callback(ILLEGAL_ADDRESS);
  else callback(null, values);
};

const write = (table) => (address, value, unit, callback) => {
  if (silent.has(unit)) return;
  if (tables[table][address] === undefined) return callback(ILLEGAL_ADDRESS);
  if (!stubborn.has(address)) tables[table][address] = value;
  say({ written: table, at: address, value, unit });
  callback(null);
};

const devices = {
  getCoil: read("coil"),
  getDiscreteInput: read("discrete"),
  getInputRegister: read("input"),
  getHoldingRegister: read("holding"),
  getMultipleInputRegisters: readMany("input"),
  getMultipleHoldingRegisters: readMany("holding"),
  setCoil: write("coil"),
  setRegister: write("holding"),
};

function obey(line) {
  const order = JSON.parse(line);
  if (order.set) put(order.set, order.at, order.to);
  if (order.silence) silent.add(order.silence);
  if (order.answer) silent.delete(order.answer);
  say({ done: order });
}

function encrypt(behind) {
  const options = { cert: fs.readFileSync(certificate), key: fs.readFileSync(key), minVersion: "TLSv1.3" };
  const server = tls.createServer(options, (outside) => {
    const inside = net.connect(behind, "127.0.0.1");
    outside.pipe(inside).pipe(outside);
    for (const socket of [outside, inside]) socket.on("error", () => [outside, inside].forEach((each) => each.destroy()));
  });
  server.listen(Number(where), "127.0.0.1", () => say({ listening: where }));
}

const lines = readline.createInterface({ input: process.stdin });
lines.on("line", obey);
lines.on("close", () => process.exit(0));

if (mode === "serial") {
  const server = new ServerSerial(devices, { path: where, baudRate: 19200 });
  server.on("initialized", () => say({ listening: where }));
} else {
  const behind = mode === "tls" ? Number(process.argv[6]) : Number(where);
  const server = new ServerTCP(devices, { host: "127.0.0.1", port: behind });
  server.on("initialized", () => (mode === "tls" ? encrypt(behind) : say({ listening: where })));
  server.on("socketError", () => undefined);
}
