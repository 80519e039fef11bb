"""The codecs of MQTT discovery: one module per component, each a table of keys and a pure function that builds a model."""
