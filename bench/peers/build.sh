#!/usr/bin/env bash
# Builds every peer into the folder given as the one argument, bench/.build without one.
# Installs the Debian packages that are missing, and only those.
set -euo pipefail
peers=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$peers/../.." && pwd)
output=$(realpath -m "${1:-$root/bench/.build}")

packages=(
  g++ gcc golang-github-containerd-ttrpc-dev golang-go libc6-dev libgrpc++-dev libnghttp2-dev libprotobuf-dev
  libssl-dev nginx-light pkg-config protobuf-compiler protobuf-compiler-grpc
  # what check.sh runs
  curl openssl python3
)

"$root/scripts/install-packages.sh" peers "${packages[@]}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$output"
flags=(-O2 -Wall -Wextra -Werror -D_GNU_SOURCE)

# A build that is cut short leaves nothing that looks built: programs are made in $work and put in place whole.
install_program() {
  cp "$work/$1" "$output/.$1"
  mv "$output/.$1" "$output/$1"
}

# True when NAME in the output is older than what it is made of: make bench-quick has no minute for g++.
outdated() {
  local name=$1
  shift
  [ ! -e "$output/$name" ] || [ -n "$(find "$@" "$peers/build.sh" -newer "$output/$name" -print -quit)" ]
}

if outdated floor "$peers/floor"; then
  echo "peers: floor"
  gcc -std=c17 "${flags[@]}" -o "$work/floor" "$peers/floor/floor.c" -lssl -lcrypto
  install_program floor
fi

if outdated grpc-server "$peers/grpc-server" "$root/proto"; then
  echo "peers: grpc-server"
  protoc --proto_path="$root/proto" --cpp_out="$work" --grpc_out="$work" \
    --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" federation/v1/federation.proto
  read -ra grpc <<<"$(pkg-config --cflags --libs grpc++ protobuf)"
  # What protoc and gRPC give is not ours to mend, so it warns of nothing: -isystem.
  g++ -std=c++20 "${flags[@]}" -flto=auto -isystem "$work" -o "$work/grpc-server" "$peers"/grpc-server/*.cpp \
    "$work"/federation/v1/*.cc "${grpc[@]}"
  install_program grpc-server
fi

if outdated grpc-load "$peers/grpc-load"; then
  echo "peers: grpc-load"
  gcc -std=c17 "${flags[@]}" -flto=auto -o "$work/grpc-load" "$peers"/grpc-load/*.c -lnghttp2 -lssl -lcrypto
  install_program grpc-load
fi

if outdated http-go "$peers/go/work" "$peers/go/http-go" || outdated ttrpc-go "$peers/go" "$root/proto"; then
  echo "peers: http-go, ttrpc-go"
  # GOPATH mode: Debian ships Go libraries as sources, not as modules.
  export GO111MODULE=off GOFLAGS='' GOPATH=$work/go:/usr/share/gocode
  export GOCACHE=${GOCACHE:-$root/.build/go-cache}
  mkdir -p "$work/go/src"
  cp -r "$peers/go" "$work/go/src/benchpeers"
  go build -o "$work/protoc-gen-gogottrpc" github.com/containerd/ttrpc/cmd/protoc-gen-gogottrpc
  protoc --proto_path="$root/proto" --plugin="$work/protoc-gen-gogottrpc" \
    --gogottrpc_out=plugins=ttrpc,import_path=federationv1:"$work/go/src" federation/v1/federation.proto
  go vet benchpeers/...
  go build -o "$work" benchpeers/http-go benchpeers/ttrpc-go
  install_program http-go
  install_program ttrpc-go
fi
