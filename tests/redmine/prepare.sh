#!/bin/sh
# Makes a private Redmine in DIR from Debian's packages and fills it: prepare.sh DIR
# The packaged files stay as they are; DIR/app is a copy, DIR/redmine.sqlite the database.
set -eu
dir=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
packaged=${TAPWRIGHT_REDMINE:-/usr/share/redmine}
app=$dir/app

mkdir -p "$dir"
cp -a "$packaged" "$app"
# In the package these lead to /etc and /var.
rm -rf "$app/instances" "$app/config/database.yml" "$app/Gemfile.lock"
mkdir -p "$app/instances/default/config" "$app/instances/default/files" "$app/instances/default/log" \
  "$app/instances/default/tmp" "$app/instances/default/public/plugin_assets"
cat >"$app/instances/default/config/database.yml" <<YAML
production: {adapter: sqlite3, database: "$dir/redmine.sqlite", encoding: utf8, timeout: 10000}
YAML
cp "$app/instances/default/config/database.yml" "$app/config/database.yml"
echo 00000000000000000000000000000000 >"$app/instances/default/config/secret_key.txt"
# Debian's Redmine runs under Passenger; here its own small server does.
echo 'gem "webrick"' >>"$app/Gemfile"

cd "$app"
export RAILS_ENV=production REDMINE_LANG=en SCHEMA=/dev/null
bundle install --local
rake db:migrate
# A process of its own: the one that migrated knows the tables as they were.
rake redmine:load_default_data
rails runner "$here/${SEED:-seed.rb}"
