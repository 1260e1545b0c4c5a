<?php // A fresh WordPress called $title, for the scripts that fill one. SITE names its folder.
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require getenv('SITE') . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install($title, 'admin', 'admin@example.test', true, '', 'adminpass');
update_option('permalink_structure', '/%postname%/');
update_option('timezone_string', 'America/New_York');
require __DIR__ . '/site.php';
wp_defer_term_counting(true);
wp_defer_comment_counting(true);
