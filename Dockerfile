# The program in a container without a shell or a package: it, its libraries,
# certificates, a user. What is put into it is in packaging/rootfs.sh, and
# packaging/check-image.sh tries these steps where there is no Docker.
#
#   docker build -t fovea .
#   docker run -p 127.0.0.1:3000:3000 -v fovea:/data fovea

ARG RUST=rust:1.95-bookworm

FROM ${RUST} AS build
# The WASM gets smaller by binaryen, which comes as an npm package.
RUN apt-get update \
    && apt-get install -y --no-install-recommends nodejs npm \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo xtask build --release
RUN sh packaging/rootfs.sh target/release/fovea /rootfs

FROM scratch
COPY --from=build /rootfs/ /
COPY --from=build --chown=65532:65532 /rootfs/data /data
USER 65532:65532
ENV FOVEA_DATA_DIR=/data
ENV FOVEA_ADDR=0.0.0.0:3000
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["/usr/bin/fovea", "healthcheck"]
ENTRYPOINT ["/usr/bin/fovea"]
CMD ["serve"]
