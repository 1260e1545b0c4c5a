<?php // A site of a handful of records, to be recorded: `connectors/wordpress/recording.yaml` was made of it, with
// `tapwright record`. Prints an application password of the administrator.
$title = 'Field notes';
require __DIR__ . '/install.php';
add_filter('pre_wp_mail', '__return_true');

// What an installation brings along.
foreach (get_posts(['post_type' => 'any', 'post_status' => 'any', 'numberposts' => -1]) as $one) wp_delete_post($one->ID, true);
$ines = wp_insert_user(['user_login' => 'ines', 'user_pass' => 'p', 'user_email' => 'ines@example.test', 'display_name' => 'Inês Duarte',
    'first_name' => 'Inês', 'last_name' => 'Duarte', 'description' => 'Walks & writes', 'role' => 'author']);
$birds = wp_insert_term('Birds', 'category', ['description' => 'Seen and heard'])['term_id'];
$owls = wp_insert_term('Owls', 'category', ['parent' => $birds])['term_id'];
$write = function ($title, $at, $more) {
    return wp_insert_post($more + ['post_title' => $title, 'post_status' => 'publish', 'post_author' => 1, 'post_date_gmt' => $at,
        'post_date' => get_date_from_gmt($at), 'at' => $at], true);
};
$first = $write('A barn owl at noon', '2026-02-03 15:10:00', ['post_author' => $ines, 'post_category' => [$owls], 'tags_input' => ['winter'],
    'post_content' => '<!-- wp:paragraph --><p>It sat on the gate — and stayed.</p><!-- /wp:paragraph -->', 'post_excerpt' => 'It stayed.']);
$second = $write('What to take along', '2026-02-04 09:00:00', ['post_category' => [$birds], 'post_content' => 'Tea & a notebook.', 'comment_status' => 'closed']);
$write('Not finished yet', '2026-02-05 18:30:00', ['post_status' => 'draft', 'post_author' => $ines, 'post_category' => [$birds]]);
$write('About', '2026-02-01 12:00:00', ['post_type' => 'page', 'post_content' => 'Notes from a valley.', 'menu_order' => 1]);
$file = wp_insert_attachment(['post_title' => 'Barn owl', 'post_excerpt' => 'On the gate', 'post_mime_type' => 'image/jpeg', 'post_author' => $ines,
    'post_date_gmt' => '2026-02-03 15:00:00', 'post_date' => get_date_from_gmt('2026-02-03 15:00:00'), 'at' => '2026-02-03 15:00:00'], '2026/02/owl.jpg', $first);
update_post_meta($file, '_wp_attachment_image_alt', 'A barn owl on a gate');
wp_insert_comment(['comment_post_ID' => $first, 'comment_author' => 'Tom', 'comment_author_email' => 'tom@example.test', 'comment_author_IP' => '192.0.2.1',
    'comment_content' => 'At noon!', 'comment_approved' => 1, 'comment_date_gmt' => '2026-02-03 16:20:00', 'comment_date' => get_date_from_gmt('2026-02-03 16:20:00')]);
wp_update_post(['ID' => $second, 'post_content' => 'Tea, bread & a notebook.', 'at' => '2026-02-06 08:00:00']);
wp_defer_term_counting(false);
wp_defer_comment_counting(false);
[$password] = WP_Application_Passwords::create_new_application_password(1, ['name' => 'sync']);
echo $password;
