// An OPC UA server with a boiler, for tests. `node server.js PORT FOLDER [login | strict]`; it ends when its standard input does.
// A line of JSON on standard input changes something there: {"set": "Temperature", "to": 21.5}, {"fail": "Temperature", "as": "BadSensorFailure"},
// {"reset": true}.
"use strict";

const path = require("node:path");
const readline = require("node:readline");
const { OPCUAServer } = require("node-opcua-server");
const { OPCUACertificateManager } = require("node-opcua-certificate-manager");
const { Variant, DataType } = require("node-opcua-variant");
const { StatusCodes } = require("node-opcua-status-code");
const { standardUnits } = require("node-opcua-data-access");

const [port, folder, access] = [Number(process.argv[2]), process.argv[3], process.argv[4]];
const values = {};
const initially = {};
const failures = {};

function live(name, dataType, value, options = {}) {
  values[name] = initially[name] = value;
  return {
    browseName: name,
    nodeId: `ns=1;s=${name}`,
    dataType: DataType[dataType],
    minimumSamplingInterval: 20,
    ...options,
  };
}

function bind(name, node, dataType, accept) {
  const variant = () => new Variant({ dataType: DataType[dataType], value: values[name] });
  const options = { get: () => failures[name] ?? variant() };
  if (accept) {
    options.set = (written) => {
      const outcome = accept(written.value);
      console.log(JSON.stringify({ written: name, type: DataType[written.dataType], value: written.value }));
      return outcome;
    };
  }
  node.bindVariable({ get: options.get, set: options.set }, true);
}

function keep(name) {
  return (value) => {
    values[name] = value;
    return StatusCodes.Good;
  };
}

function build(addressSpace) {
  const space = addressSpace.getOwnNamespace();
  const boiler = space.addObject({ browseName: "Boiler", nodeId: "ns=1;s=Boiler", organizedBy: addressSpace.rootFolder.objects });
  const analog = (name, dataType, value, unit, low, high, accept) => {
    const node = space.addAnalogDataItem({
      ...live(name, dataType, value, { componentOf: boiler }),
      definition: name,
      engineeringUnitsRange: { low, high },
      engineeringUnits: unit,
      accessLevel: accept ? "CurrentRead | CurrentWrite" : "CurrentRead",
      userAccessLevel: accept ? "CurrentRead | CurrentWrite" : "CurrentRead",
    });
    bind(name, node, dataType, accept);
  };
  const plain = (name, dataType, value, accept, parent = boiler) => {
    const accessLevel = accept ? "CurrentRead | CurrentWrite" : "CurrentRead";
    const node = space.addVariable({
      ...live(name, dataType, value, { componentOf: parent }),
      accessLevel,
      userAccessLevel: accessLevel,
    });
    bind(name, node, dataType, accept);
  };
  analog("Temperature", "Double", 20.5, standardUnits.degree_celsius, -20, 120);
  analog("SetPoint", "Float", 45, standardUnits.degree_celsius, 5, 90, keep("SetPoint"));
  plain("Pump", "Boolean", false, keep("Pump"));
  plain("Alarm", "Boolean", false);
  plain("Speed", "UInt16", 1500, keep("Speed"));
  plain("Label", "String", "Cellar", keep("Label"));
  plain("Serial", "String", "B-1001");
  plain("Stubborn", "Int32", 7, () => StatusCodes.Good);
  plain("Locked", "Int32", 7, () => StatusCodes.BadUserAccessDenied);
  const mode = space.addMultiStateDiscrete({
    ...live("Mode", "UInt32", 0, { componentOf: boiler }),
    enumStrings: ["off", "eco", "comfort"],
    accessLevel: "CurrentRead | CurrentWrite",
    userAccessLevel: "CurrentRead | CurrentWrite",
  });
  bind("Mode", mode, "UInt32", keep("Mode"));
  const reset = space.addMethod(boiler, { browseName: "Reset", nodeId: "ns=1;s=Reset", inputArguments: [], outputArguments: [] });
  reset.bindMethod((inputs, context, callback) => {
    values.Temperature = 0;
    console.log(JSON.stringify({ called: "Reset" }));
    callback(null, { statusCode: StatusCodes.Good, outputArguments: [] });
  });
  const burner = space.addObject({ browseName: "Burner", nodeId: "ns=1;s=Burner", componentOf: boiler });
  plain("Flame", "Boolean", true, undefined, burner);
}

function obey(line) {
  const order = JSON.parse(line);
  if (order.set) {
    values[order.set] = order.to;
    delete failures[order.set];
  } else if (order.fail) {
    failures[order.fail] = StatusCodes[order.as];
  } else if (order.reset) {
    Object.assign(values, initially);
    for (const name of Object.keys(failures)) delete failures[name];
  }
  console.log(JSON.stringify({ done: order }));
}

async function main() {
  const manager = (name) =>
    new OPCUACertificateManager({
      rootFolder: path.join(folder, name),
      automaticallyAcceptUnknownCertificate: access !== "strict",
    });
  const server = new OPCUAServer({
    port,
    host: "127.0.0.1",
    hostname: "127.0.0.1",
    resourcePath: "",
    serverCertificateManager: manager("pki"),
    userCertificateManager: manager("users"),
    allowAnonymous: access !== "login",
    userManager: { isValidUser: (name, password) => name === "hearth" && password === "secret" },
  });
  await server.initialize();
  build(server.engine.addressSpace);
  await server.start();
  const lines = readline.createInterface({ input: process.stdin });
  lines.on("line", obey);
  lines.on("close", () => process.exit(0));
  console.log(JSON.stringify({ listening: port }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
