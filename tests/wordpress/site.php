<?php // WordPress itself, for the scripts beside this one. SITE names its folder.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require getenv('SITE') . '/wp-load.php';
wp_suspend_cache_invalidation(false);
wp_set_current_user(1);
// A moment of change of our own, in UTC: a post that is given `at` has changed then.
add_filter('wp_insert_post_data', function ($row, $given) {
    if (!empty($given['at'])) {
        $row['post_modified_gmt'] = $given['at'];
        $row['post_modified'] = get_date_from_gmt($given['at']);
    }
    return $row;
}, 10, 2);
