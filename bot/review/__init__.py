"""Between the desk and the gate: the only place that builds the gate's input, and what people may do with a case."""
