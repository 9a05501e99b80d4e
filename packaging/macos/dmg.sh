#!/bin/sh
# Make the disk image that people open: sh dmg.sh PhotoSim.app PhotoSim.dmg
# With SIGN_AS set to the name of a certificate the program and the image are signed by it; without, PyInstaller's
# own signature stays, which runs on this machine, and elsewhere after Control-click and Open.
set -eu
app=$1
image=$2
name=$(basename "$app" .app)

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
if [ -n "${SIGN_AS:-}" ]; then
    codesign --force --deep --options runtime --timestamp --sign "$SIGN_AS" \
        --entitlements "$(dirname "$0")/entitlements.plist" "$app"
fi
codesign --verify --deep --strict "$app"
ditto "$app" "$stage/$name.app"
ln -s /Applications "$stage/Applications"
hdiutil create -quiet -ov -fs HFS+ -format ULMO -volname "$name" -srcfolder "$stage" "$image"
if [ -n "${SIGN_AS:-}" ]; then
    codesign --timestamp --sign "$SIGN_AS" "$image"
fi
