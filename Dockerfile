# Build a static binary, then put it into an image that holds nothing else.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/postbag ./cmd/postbag
# An empty folder to become the volume, owned by the user who writes to it.
RUN mkdir /out/data && chmod 0700 /out/data

FROM scratch
COPY --from=build /out/postbag /postbag
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV POSTBAG_ENV=production \
    POSTBAG_ADDR=:8080 \
    POSTBAG_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/postbag", "health"]
ENTRYPOINT ["/postbag"]
CMD ["serve"]
