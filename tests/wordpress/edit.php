<?php // A day's work on the site of seed.php. Prints the number of the post that was deleted.
require __DIR__ . '/site.php';
$published = get_posts(['numberposts' => 8, 'orderby' => 'ID', 'order' => 'ASC', 'offset' => 3, 'fields' => 'ids']);
[$edited, $again, $trashed, $deleted, $draft] = $published;
wp_update_post(['ID' => $edited, 'post_title' => 'Another title', 'post_content' => 'Another text']);
// Two versions of one post.
wp_update_post(['ID' => $again, 'post_content' => 'First try']);
wp_update_post(['ID' => $again, 'post_content' => 'Second try', 'post_status' => 'private']);
wp_trash_post($trashed);
wp_update_post(['ID' => $draft, 'post_status' => 'draft']);
wp_insert_post(['post_title' => 'A new post', 'post_content' => 'New', 'post_status' => 'publish', 'post_author' => 1]);
foreach (get_comments(['number' => 2, 'orderby' => 'comment_ID', 'order' => 'ASC', 'status' => 'approve', 'fields' => 'ids']) as $i => $comment) {
    $i ? wp_delete_comment($comment, true) : wp_spam_comment($comment);
}
wp_delete_post($deleted, true);
wp_insert_user(['user_login' => 'new', 'user_pass' => 'p', 'user_email' => 'new@example.test', 'display_name' => 'New', 'role' => 'author']);
require_once ABSPATH . 'wp-admin/includes/user.php';
wp_delete_user(get_user_by('login', 'author110')->ID);
wp_update_term(get_terms(['taxonomy' => 'post_tag', 'hide_empty' => false, 'orderby' => 'term_id', 'number' => 1, 'fields' => 'ids'])[0], 'post_tag', ['name' => 'renamed']);
echo $deleted;
