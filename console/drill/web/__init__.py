"""What the simulated fleet answers over HTTP: Triton's API and metrics, DCGM's and Envoy's."""
