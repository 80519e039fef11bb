"""The vocabulary of the hub: ids, context, events, states, actions, registries, records, ports. No I/O."""
