# One-line aliases of `cargo xtask`; the logic lives there.

# Run the live binary in every POC and publish the corpus
regen-fixtures *ARGS:
    cargo xtask regen-fixtures {{ ARGS }}

# Write schemas and references that are generated from code
codegen *ARGS:
    cargo xtask codegen {{ ARGS }}

# One verdict on schemas, corpus, scenarios, verifiers and parsing tests
drift-check:
    cargo xtask drift-check

# Add a hand-written output
new-scenario COMMAND NAME *ARGS:
    cargo xtask new-scenario {{ COMMAND }} {{ NAME }} {{ ARGS }}

# Measure against peers, as ratios
bench *ARGS:
    cargo xtask bench {{ ARGS }}

# Everything that CI checks
ci:
    cargo xtask ci
