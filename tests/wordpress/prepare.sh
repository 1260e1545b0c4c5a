#!/bin/sh
# Makes a private WordPress in DIR from Debian's packages and fills it: prepare.sh DIR PORT DATABASE_PORT
# The packaged files stay as they are; DIR/site is a copy, DIR/mysql the database, which keeps running: its process is
# in DIR/database.pid. The site itself is served by DIR/router.php.
set -eu
dir=$1 port=$2 database_port=$3
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
site=$dir/site

packaged=$(dirname "$(dpkg -L wordpress | grep '/wp-load.php$')")
server=$(dpkg -L mariadb-server-core | grep '/mariadbd$')
user=$(id -un)
if [ "$user" = root ]; then user=mysql; fi
mkdir -p "$dir/mysql" "$site"
if [ "$user" = mysql ]; then
  # The server gives up root's rights and must still reach its files.
  chown mysql "$dir/mysql"
  chmod a+x "$dir"
fi
mariadb-install-db --no-defaults --user="$user" --datadir="$dir/mysql" --auth-root-authentication-method=normal \
  --skip-test-db >"$dir/mysql-install.log" 2>&1
# Whatever it writes goes with the folder, so nothing needs to be flushed.
"$server" --no-defaults --user="$user" --datadir="$dir/mysql" --bind-address=127.0.0.1 --port="$database_port" \
  --socket="$dir/mysql/socket" --innodb-flush-log-at-trx-commit=0 --skip-log-bin >"$dir/mysql.log" 2>&1 &
echo $! >"$dir/database.pid"
database() { mariadb --no-defaults -h 127.0.0.1 -P "$database_port" -u root "$@"; }
tries=0
until database -e 'select 1' >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 120 ] || { cat "$dir/mysql.log"; exit 1; }
  sleep 0.25
done
database -e "create database wp character set utf8mb4; create user wp@'127.0.0.1' identified by 'wp'; grant all on wp.* to wp@'127.0.0.1'"

cp -aL "$packaged/." "$site/" 2>/dev/null || true
rm -f "$site/wp-config.php"
cat >"$site/wp-config.php" <<PHP
<?php
define('DB_NAME', 'wp'); define('DB_USER', 'wp'); define('DB_PASSWORD', 'wp');
define('DB_HOST', '127.0.0.1:$database_port'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as \$name) define(\$name, \$name);
// Application passwords work without TLS only on a site that calls itself local.
define('WP_ENVIRONMENT_TYPE', 'local');
define('DISABLE_WP_CRON', true); define('WP_HTTP_BLOCK_EXTERNAL', true); define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_HOME', 'http://127.0.0.1:$port'); define('WP_SITEURL', 'http://127.0.0.1:$port');
\$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
PHP
cat >"$dir/router.php" <<'PHP'
<?php
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path != '/' && is_file($_SERVER['DOCUMENT_ROOT'] . $path)) return false;
$_SERVER['SCRIPT_NAME'] = '/index.php';
chdir($_SERVER['DOCUMENT_ROOT']);
require $_SERVER['DOCUMENT_ROOT'] . '/index.php';
PHP
SITE="$site" php -d sendmail_path=true -d memory_limit=1G "$here/${SEED:-seed.php}"
