#!/bin/sh
# Fetch the faces of an official document: Fandol Fang, Kai, Hei and Song, from Debian's texlive-lang-chinese.
# Safe to call again; needs no root and, once done, no network. Never stops a set-up: without these faces
# documents are printed in Noto, and `tocsin doctor` says so.
set -u
cd "$(dirname "$0")/.." || exit 1

package=texlive-lang-chinese
inside=usr/share/texlive/texmf-dist/fonts/opentype/public/fandol
faces="FandolFang-Regular.otf FandolKai-Regular.otf FandolHei-Regular.otf FandolSong-Regular.otf FandolSong-Bold.otf"
target=templates/documents/fonts
cache=.setup/fonts

complete() {
    for face in $faces; do [ -s "$1/$face" ] || return 1; done
}

install_from() {
    for face in $faces; do
        cp "$1/$face" "$target/$face.part" && chmod 644 "$target/$face.part" &&
            mv "$target/$face.part" "$target/$face" || return 1
    done
}

# Leaves the package in the cache. The list of packages is refreshed only when it does not know this one.
download() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    ls "$cache/$package"_*.deb >/dev/null 2>&1 && return 0
    apt-cache show "$package" >/dev/null 2>&1 || apt-get update -qq >/dev/null 2>&1
    echo "fonts: fetching $package (49 MB, once)"
    (cd "$cache" && apt-get download -qq -o Acquire::http::Timeout=20 -o Acquire::Retries=1 \
        -o APT::Sandbox::User=root "$package") 2>/dev/null
}

unpack() {
    rm -rf "$cache/unpacked" && mkdir -p "$cache/unpacked" || return 1
    for deb in "$cache/$package"_*.deb; do
        dpkg-deb --fsys-tarfile "$deb" 2>/dev/null |
            tar -x -C "$cache/unpacked" --wildcards "./$inside/Fandol*.otf" 2>/dev/null
    done
    complete "$cache/unpacked/$inside"
}

fetch() {
    download && unpack && install_from "$cache/unpacked/$inside" && rm -rf "$cache/unpacked"
}

mkdir -p "$target" "$cache"
if complete "$target"; then
    echo "fonts: Fandol faces are in place"
elif complete "/$inside" && install_from "/$inside"; then
    echo "fonts: Fandol faces copied from this machine's TeX Live"
elif fetch; then
    echo "fonts: Fandol faces installed in $target"
else
    rm -f "$cache/$package"_*.deb # A broken download would be tried for ever.
    cat >&2 <<END
fonts: the FangSong face could not be fetched; documents will be printed in Noto Serif CJK SC.
       To have it, on Debian or Ubuntu with a network:   apt-get install $package && setup/fonts.sh
       or copy these files into $target: $faces
       or put the office's own fonts into the folder "fonts" of TOCSIN_DATA_DIR.
END
fi
exit 0
