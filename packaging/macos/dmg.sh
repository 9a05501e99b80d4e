#!/bin/sh
# Make the disk image that people open: sh dmg.sh PhotoSim.app PhotoSim.dmg
# PyInstaller has signed the program with the certificate that SIGN_AS names, and the image is signed by it here; with
# NOTARY_PROFILE, a profile that `xcrun notarytool store-credentials` made, Apple is asked to notarise it. Without a
# certificate it runs on this machine, and elsewhere after it was allowed in System Settings, Privacy and Security.
set -eu
app=$1
image=$2
name=$(basename "$app" .app)

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
codesign --verify --deep --strict "$app"
ditto "$app" "$stage/$name.app"
ln -s /Applications "$stage/Applications"
hdiutil create -quiet -ov -fs HFS+ -format ULMO -volname "$name" -srcfolder "$stage" "$image"
if [ -n "${SIGN_AS:-}" ]; then
    codesign --timestamp --sign "$SIGN_AS" "$image"
fi
if [ -n "${NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
