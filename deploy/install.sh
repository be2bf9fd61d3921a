#!/bin/sh
# Installs Carl with Docker Compose: writes one file, starts it, and waits until it answers.
#
#   sh install.sh [--dir FOLDER] [--version VERSION] [--port PORT] [--image IMAGE] [--yes] [--dry-run]
#   sh install.sh --uninstall [--dir FOLDER]
#
# By hand it is two lines: put deploy/compose.yaml into a folder, and run `docker compose up -d` there.
set -eu

dir=$HOME/carl
version=0.1
image=claude-agent-runner-lite
port=3000
is_dry=
is_sure=
is_leaving=

say() { printf '%s\n' "$*"; }
stop() {
  printf '✗ %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  → %s\n' "$line" >&2; done
  exit 1
}

usage() {
  say "Usage: sh install.sh [--dir FOLDER] [--version VERSION] [--port PORT] [--image IMAGE] [--yes] [--dry-run]"
  say "       sh install.sh --uninstall [--dir FOLDER]"
}

read_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --dir | --version | --port | --image)
        [ $# -ge 2 ] || stop "$1 needs a value."
        case $1 in
          --dir) dir=$2 ;;
          --version) version=$2 ;;
          --port) port=$2 ;;
          --image) image=$2 ;;
        esac
        shift
        ;;
      --dry-run) is_dry=1 ;;
      --yes) is_sure=1 ;;
      --uninstall) is_leaving=1 ;;
      --help | -h) usage && exit 0 ;;
      *) usage >&2 && exit 64 ;;
    esac
    shift
  done
  case $version in '' | *[!A-Za-z0-9._-]*) stop "The version $version is not one." ;; esac
  case $image in '' | *[!A-Za-z0-9._:/-]*) stop "The image $image is not one." ;; esac
  case $port in '' | *[!0-9]*) stop "The port $port is not a number." ;; esac
  case $dir in /*) ;; *) dir=$PWD/$dir ;; esac
}

# Which Compose is there: the plug-in of today, or the program of before.
find_compose() {
  command -v docker > /dev/null || stop "Docker is not installed." \
    "Install it: https://docs.docker.com/engine/install/" \
    "Or run Carl without Docker: see the guide, Install without Docker."
  if docker compose version > /dev/null 2>&1; then
    compose="docker compose"
  elif command -v docker-compose > /dev/null; then
    compose=docker-compose
  else
    stop "Docker is here, but Compose is not." "Install the package docker-compose-plugin, or docker-compose."
  fi
  docker info > /dev/null 2>&1 || stop "Docker does not answer, or you may not use it." \
    "Start it: sudo systemctl start docker" "Or add yourself to its group: sudo usermod -aG docker $(id -un)"
}

compose_file() {
  cat << FILE
services:
  carl:
    image: $image:$version
    restart: unless-stopped
    ports:
      - "$port:3000"
    volumes:
      - ./data:/app/data
FILE
}

ask() {
  [ -z "$is_sure" ] || return 0
  [ -r /dev/tty ] || stop "Nobody is here to ask." "Add --yes when you agree."
  printf '%s [y/N] ' "$1" > /dev/tty
  read -r answer < /dev/tty || answer=
  case $answer in y | Y | yes) ;; *) stop "Nothing was done." ;; esac
}

in_dir() { (cd "$dir" && $compose "$@"); }

wait_for_health() {
  waited=0
  while [ "$waited" -lt 120 ]; do
    in_dir exec -T carl carl health > /dev/null 2>&1 && return 0
    waited=$((waited + 2))
    sleep 2
  done
  stop "Carl does not answer after two minutes." "See what it says: cd $dir && $compose logs"
}

set_up_link() {
  in_dir logs --no-color 2> /dev/null | grep -o 'http[^ ]*/setup#token=[A-Za-z0-9_-]*' | tail -n 1
}

install() {
  file=$dir/compose.yaml
  say "This writes $file:"
  say
  compose_file | sed 's/^/  /'
  say
  say "and runs: cd $dir && docker compose up -d"
  [ -z "$is_dry" ] || return 0
  find_compose
  if [ -e "$file" ] && ! compose_file | cmp -s - "$file"; then
    say
    say "There is another $file already. It is kept as $file.before."
  fi
  ask "Go on?"
  mkdir -p "$dir"
  if [ -e "$file" ] && ! compose_file | cmp -s - "$file"; then cp "$file" "$file.before"; fi
  compose_file > "$file"
  in_dir up -d
  wait_for_health
  link=$(set_up_link || true)
  say
  say "Carl runs: http://localhost:$port"
  if [ -n "$link" ]; then
    say "Open this link once to create the administrator (from elsewhere, with the address of this machine):"
    say "  $(printf '%s' "$link" | sed "s|^http://[^/]*|http://localhost:$port|")"
  fi
}

uninstall() {
  file=$dir/compose.yaml
  [ -e "$file" ] || stop "There is no $file."
  say "This stops and removes the container of $file."
  say "Your data in $dir/data stays; remove it yourself when you are sure: rm -r $dir/data"
  [ -z "$is_dry" ] || return 0
  find_compose
  ask "Go on?"
  in_dir down
  rm "$file"
  say "Carl is gone; $dir/data is still there."
}

main() {
  read_options "$@"
  if [ -n "$is_leaving" ]; then uninstall; else install; fi
}

# The last line: a script that arrives only in part does nothing at all.
main "$@"
