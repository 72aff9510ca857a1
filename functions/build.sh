#!/usr/bin/env bash
# Builds every function from source and puts its `.wasm` beside the source.
#
#   functions/build.sh
#
# Rust: with rustup's own target if it is there (`rustup target add wasm32-wasip2`), otherwise with Debian's compiler
# for the web (`rustc-web`), which builds the standard library from source; rustup's cargo drives it, and the host's
# toolchain stays as it is. C: with the SDK at $WASI_SDK_PATH, otherwise with Debian's clang-14. Missing Debian packages
# are installed if this runs as root; otherwise the script says which they are.
#
# The result depends on the compilers' versions, not on where the checkout, Cargo's folders or the target folder lie.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

components=(chat counter hello hello-http misbehave orders scratch thumbnail webhook)
# Built alone: in one build with the others its dependencies would get their features, and with them the standard
# library, which it does without.
components_without_std=(echo)
commands=(echo-command hello-command wordcount)

main() {
    local start=$SECONDS
    choose_rust
    choose_clang
    build_components "${components[@]}"
    build_components "${components_without_std[@]}"
    build_commands "${commands[@]}"
    wc -c ./*/*.wasm
    echo "built in $((SECONDS - start)) s"
}

choose_rust() {
    if rustup target list --installed 2>/dev/null | grep -qx wasm32-wasip2; then
        use_rustup
    else
        need_packages rustc-web rust-web-src wasi-libc
        use_rustc_web
    fi
}

choose_clang() {
    if [[ -n ${WASI_SDK_PATH:-} ]]; then
        clang=("$WASI_SDK_PATH/bin/clang")
    else
        need_packages clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32
        clang=(clang-14 --target=wasm32-wasi)
    fi
}

use_rustup() {
    target=wasm32-wasip2
    cargo_flags=(--target "$target")
    set_rust_flags
}

use_rustc_web() {
    local host tools
    host=$(rustc --print host-tuple)
    tools=$(rustc --print sysroot)/lib/rustlib/$host/bin
    [[ -x $tools/wasm-component-ld ]] || die "no wasm-component-ld in $tools: install Rust with rustup"

    target=wasm32-wasip1
    cargo_flags=(--target "$target" "-Zbuild-std=std,panic_abort" -Zbuild-std-features=optimize_for_size)
    # Turns the module of preview 1 into a component of preview 2, as the target wasm32-wasip2 does.
    export CARGO_TARGET_WASM32_WASIP1_LINKER=$tools/wasm-component-ld
    export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    set_rust_flags -Lnative=/usr/lib/wasm32-wasi "-Clink-arg=--wasm-ld-path=$tools/gcc-ld/wasm-ld" \
        --remap-path-prefix=/usr/lib/rustlib/src/rust=/rust
}

# Adds flags that take the folders of this machine out of panic messages, which name source files.
set_rust_flags() {
    local registry
    set -- "$@" "--remap-path-prefix=$PWD=/functions"
    cargo fetch --locked --quiet
    for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
        set -- "$@" "--remap-path-prefix=$registry=/crates"
    done
    # Cargo's own separator, so that a path may have spaces.
    local IFS=$'\x1f'
    export CARGO_ENCODED_RUSTFLAGS="$*"
}

build_components() {
    local name packages=()
    for name in "$@"; do
        packages+=(--package "$name")
    done
    cargo build --locked --release "${cargo_flags[@]}" "${packages[@]}"
    for name in "$@"; do
        install -m 644 "${CARGO_TARGET_DIR:-target}/$target/release/${name//-/_}.wasm" "$name/$name.wasm"
    done
}

build_commands() {
    local name
    for name in "$@"; do
        "${clang[@]}" -std=c11 -Os -s -Wall -Wextra -Wno-sign-compare "$name/$name.c" -o "$name/$name.wasm"
        chmod 644 "$name/$name.wasm"
    done
}

need_packages() {
    local package missing=()
    for package in "$@"; do
        [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
            missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    command -v apt-get >/dev/null ||
        die "install rustup's target wasm32-wasip2, and the WASI SDK with WASI_SDK_PATH set (on Debian: ${missing[*]})"
    [[ $EUID -eq 0 ]] || die "run first: sudo apt-get install --no-install-recommends ${missing[*]}"
    apt-get update --quiet
    # Rather fail than take away a compiler that is in use.
    DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends --no-remove "${missing[@]}"
}

die() {
    echo "build.sh: $1" >&2
    exit 1
}

main
