# syntax=docker/dockerfile:1
# The example application: `docker compose up --build` runs it with PostgreSQL and Jaeger.

FROM rust:1.95.0-slim-trixie AS build
WORKDIR /src
COPY . .
# Nobody debugs in the image, and without it the program is a fifth of the size.
ENV CARGO_PROFILE_RELEASE_DEBUG=false
# The target directory is a cache and no part of the layer, so what is wanted is copied out in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package examples --example fastapi_otel \
    && cp target/release/examples/fastapi_otel /usr/local/bin/

# Of the same Debian as the one above: the program needs its C library.
FROM debian:trixie-slim
# For an endpoint of a collector with https; the slim image trusts nobody.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /usr/local/bin/fastapi_otel /usr/local/bin/
RUN useradd --system --no-create-home --shell /usr/sbin/nologin app
USER app
# 127.0.0.1, the default, would be reached from inside the container only.
ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=4s --start-period=10s --retries=3 \
    CMD ["/usr/local/bin/fastapi_otel", "--healthcheck"]
ENTRYPOINT ["/usr/local/bin/fastapi_otel"]
