"""The simulation behind the drill: queues, servers, GPUs and the gateway, in simulated seconds."""
