CREATE TABLE "users" (
  "user_id" TEXT NOT NULL,
  "username" TEXT,
  "display_name" TEXT,
  "description" TEXT,
  "location" TEXT,
  "website" TEXT,
  "permalink" TEXT,
  "profile_picture_url" TEXT,
  "cover_photo_url" TEXT,
  "verified" INTEGER,
  "is_public_figure" INTEGER,
  "public_figure_name" TEXT,
  "plan_type" TEXT,
  "owner_user_id" TEXT,
  "created_at" INTEGER,
  "updated_at" INTEGER,
  "banned_at" INTEGER,
  "follower_count" INTEGER,
  "following_count" INTEGER,
  "post_count" INTEGER,
  "reply_count" INTEGER,
  "likes_received_count" INTEGER,
  "remix_count" INTEGER,
  "cameo_count" INTEGER,
  "view_count" INTEGER,
  "character_count" INTEGER,
  "summary_at" INTEGER,
  "full_at" INTEGER,
  "counters_at" INTEGER,
  "first_seen_at" INTEGER NOT NULL,
  "last_seen_at" INTEGER NOT NULL,
  "first_response_id" TEXT NOT NULL,
  "last_response_id" TEXT NOT NULL,
  PRIMARY KEY ("user_id")
);

CREATE INDEX "users_by_username" ON "users" ("username");

CREATE TABLE "posts" (
  "post_id" TEXT NOT NULL,
  "author_id" TEXT,
  "text" TEXT,
  "caption" TEXT,
  "emoji" TEXT,
  "discovery_phrase" TEXT,
  "source" TEXT,
  "posted_at" INTEGER,
  "updated_at" INTEGER,
  "posted_to_public" INTEGER,
  "share_setting" TEXT,
  "permalink" TEXT,
  "preview_image_url" TEXT,
  "cover_photo_url" TEXT,
  "parent_post_id" TEXT,
  "root_post_id" TEXT,
  "repost_of_post_id" TEXT,
  "repost_of_user_id" TEXT,
  "is_featured" INTEGER,
  "tombstoned_at" INTEGER,
  "like_count" INTEGER,
  "dislike_count" INTEGER,
  "view_count" INTEGER,
  "unique_view_count" INTEGER,
  "reply_count" INTEGER,
  "recursive_reply_count" INTEGER,
  "remix_count" INTEGER,
  "share_count" INTEGER,
  "repost_count" INTEGER,
  "post_locations" TEXT,
  "workspace_id" TEXT,
  "summary_at" INTEGER,
  "full_at" INTEGER,
  "counters_at" INTEGER,
  "first_seen_at" INTEGER NOT NULL,
  "last_seen_at" INTEGER NOT NULL,
  "first_response_id" TEXT NOT NULL,
  "last_response_id" TEXT NOT NULL,
  PRIMARY KEY ("post_id")
);

CREATE INDEX "posts_by_author_id" ON "posts" ("author_id");

CREATE INDEX "posts_by_parent_post_id" ON "posts" ("parent_post_id");

CREATE INDEX "posts_by_root_post_id" ON "posts" ("root_post_id");

CREATE INDEX "posts_by_posted_at" ON "posts" ("posted_at");

CREATE TABLE "comments" (
  "comment_id" TEXT NOT NULL,
  "post_id" TEXT,
  "parent_comment_id" TEXT,
  "depth" INTEGER,
  "author_id" TEXT,
  "text" TEXT,
  "posted_at" INTEGER,
  "updated_at" INTEGER,
  "posted_to_public" INTEGER,
  "share_setting" TEXT,
  "tombstoned_at" INTEGER,
  "permalink" TEXT,
  "like_count" INTEGER,
  "dislike_count" INTEGER,
  "reply_count" INTEGER,
  "recursive_reply_count" INTEGER,
  "post_locations" TEXT,
  "workspace_id" TEXT,
  "summary_at" INTEGER,
  "full_at" INTEGER,
  "counters_at" INTEGER,
  "first_seen_at" INTEGER NOT NULL,
  "last_seen_at" INTEGER NOT NULL,
  "first_response_id" TEXT NOT NULL,
  "last_response_id" TEXT NOT NULL,
  PRIMARY KEY ("comment_id")
);

CREATE INDEX "comments_by_post_id" ON "comments" ("post_id");

CREATE INDEX "comments_by_parent_comment_id" ON "comments" ("parent_comment_id");

CREATE INDEX "comments_by_author_id" ON "comments" ("author_id");

CREATE TABLE "remixes" (
  "parent_post_id" TEXT NOT NULL,
  "remix_post_id" TEXT NOT NULL,
  "told_by" TEXT NOT NULL,
  "first_seen_at" INTEGER NOT NULL,
  "last_seen_at" INTEGER NOT NULL,
  "first_response_id" TEXT NOT NULL,
  "last_response_id" TEXT NOT NULL,
  PRIMARY KEY ("parent_post_id", "remix_post_id")
);

CREATE INDEX "remixes_by_remix_post_id" ON "remixes" ("remix_post_id");

CREATE TABLE "attachments" (
  "attachment_id" TEXT NOT NULL,
  "owner_kind" TEXT NOT NULL,
  "owner_id" TEXT NOT NULL,
  "position" INTEGER NOT NULL,
  "kind" TEXT,
  "generation_id" TEXT,
  "generation_type" TEXT,
  "task_id" TEXT,
  "width" INTEGER,
  "height" INTEGER,
  "duration_s" REAL,
  "n_frames" INTEGER,
  "prompt" TEXT,
  "title" TEXT,
  "output_blocked" INTEGER,
  "has_captions" INTEGER,
  "style" TEXT,
  "tags" TEXT,
  "told" INTEGER,
  "older" TEXT,
  "first_seen_at" INTEGER NOT NULL,
  "last_seen_at" INTEGER NOT NULL,
  "first_response_id" TEXT NOT NULL,
  "last_response_id" TEXT NOT NULL,
  PRIMARY KEY ("attachment_id")
);

CREATE INDEX "attachments_by_owner_id" ON "attachments" ("owner_id");

CREATE INDEX "attachments_by_generation_id" ON "attachments" ("generation_id");

CREATE TABLE "generations" (
  "generation_id" TEXT NOT NULL,
  "kind" TEXT,
  "task_id" TEXT,
  "generation_type" TEXT,
  "prompt" TEXT,
  "title" TEXT,
  "width" INTEGER,
  "height" INTEGER,
  "duration_s" REAL,
  "n_frames" INTEGER,
  "orientation" TEXT,
  "created_at" INTEGER,
  "reason" TEXT,
  "reason_str" TEXT,
  "error_reason" TEXT,
  "storyboard_id" TEXT,
  "remix_target_post_id" TEXT,
  "post_id" TEXT,
  "style" TEXT,
  "tags" TEXT,
  "group_id" TEXT,
  "assets" TEXT,
  "told" INTEGER,
  "older" TEXT,
  "first_seen_at" INTEGER NOT NULL,
  "last_seen_at" INTEGER NOT NULL,
  "first_response_id" TEXT NOT NULL,
  "last_response_id" TEXT NOT NULL,
  PRIMARY KEY ("generation_id")
);

CREATE INDEX "generations_by_task_id" ON "generations" ("task_id");

CREATE INDEX "generations_by_post_id" ON "generations" ("post_id");

CREATE TABLE "assets" (
  "owner_kind" TEXT NOT NULL,
  "owner_id" TEXT NOT NULL,
  "variant" TEXT NOT NULL,
  "asset_key" TEXT NOT NULL,
  "url" TEXT,
  "expires_at" INTEGER,
  "size_bytes" INTEGER,
  "ssim" REAL,
  "duration_s" REAL,
  "told" INTEGER,
  "older" TEXT,
  "first_seen_at" INTEGER NOT NULL,
  "last_seen_at" INTEGER NOT NULL,
  "first_response_id" TEXT NOT NULL,
  "last_response_id" TEXT NOT NULL,
  PRIMARY KEY ("owner_kind", "owner_id", "variant", "asset_key")
);

CREATE INDEX "assets_by_asset_key" ON "assets" ("asset_key");

CREATE INDEX "assets_by_expires_at" ON "assets" ("expires_at");

CREATE TABLE "cameos" (
  "owner_kind" TEXT NOT NULL,
  "owner_id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "first_seen_at" INTEGER NOT NULL,
  "last_seen_at" INTEGER NOT NULL,
  "first_response_id" TEXT NOT NULL,
  "last_response_id" TEXT NOT NULL,
  PRIMARY KEY ("owner_kind", "owner_id", "user_id")
);

CREATE INDEX "cameos_by_user_id" ON "cameos" ("user_id");

CREATE TABLE "reposts" (
  "owner_kind" TEXT NOT NULL,
  "owner_id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "first_seen_at" INTEGER NOT NULL,
  "last_seen_at" INTEGER NOT NULL,
  "first_response_id" TEXT NOT NULL,
  "last_response_id" TEXT NOT NULL,
  PRIMARY KEY ("owner_kind", "owner_id", "user_id")
);

CREATE INDEX "reposts_by_user_id" ON "reposts" ("user_id");

CREATE TABLE "follows" (
  "follower_id" TEXT NOT NULL,
  "followee_id" TEXT NOT NULL,
  "first_seen_at" INTEGER NOT NULL,
  "last_seen_at" INTEGER NOT NULL,
  "first_response_id" TEXT NOT NULL,
  "last_response_id" TEXT NOT NULL,
  PRIMARY KEY ("follower_id", "followee_id")
);

CREATE INDEX "follows_by_followee_id" ON "follows" ("followee_id");

CREATE TABLE "text_facets" (
  "owner_kind" TEXT NOT NULL,
  "owner_id" TEXT NOT NULL,
  "position" INTEGER NOT NULL,
  "kind" TEXT,
  "start_char" INTEGER,
  "end_char" INTEGER,
  "user_id" TEXT,
  "value" TEXT,
  "told" INTEGER,
  "older" TEXT,
  "first_seen_at" INTEGER NOT NULL,
  "last_seen_at" INTEGER NOT NULL,
  "first_response_id" TEXT NOT NULL,
  "last_response_id" TEXT NOT NULL,
  PRIMARY KEY ("owner_kind", "owner_id", "position")
);

CREATE INDEX "text_facets_by_user_id" ON "text_facets" ("user_id");

CREATE TABLE "tasks" (
  "task_id" TEXT NOT NULL,
  "status" TEXT,
  "prompt" TEXT,
  "title" TEXT,
  "progress_pct" REAL,
  "created_at" INTEGER,
  "failure_reason" TEXT,
  "task_type" TEXT,
  "told" INTEGER,
  "older" TEXT,
  "first_seen_at" INTEGER NOT NULL,
  "last_seen_at" INTEGER NOT NULL,
  "first_response_id" TEXT NOT NULL,
  "last_response_id" TEXT NOT NULL,
  PRIMARY KEY ("task_id")
);

CREATE TABLE "feed_entries" (
  "response_id" TEXT NOT NULL,
  "position" INTEGER NOT NULL,
  "feed" TEXT,
  "post_id" TEXT NOT NULL,
  "reposter_user_id" TEXT,
  PRIMARY KEY ("response_id", "position")
);

CREATE INDEX "feed_entries_by_post_id" ON "feed_entries" ("post_id");

CREATE TABLE "leaderboard_entries" (
  "response_id" TEXT NOT NULL,
  "position" INTEGER NOT NULL,
  "user_id" TEXT NOT NULL,
  "cameo_count" INTEGER,
  PRIMARY KEY ("response_id", "position")
);

CREATE INDEX "leaderboard_entries_by_user_id" ON "leaderboard_entries" ("user_id");

CREATE TABLE "search_entries" (
  "response_id" TEXT NOT NULL,
  "position" INTEGER NOT NULL,
  "term" TEXT,
  "user_id" TEXT NOT NULL,
  PRIMARY KEY ("response_id", "position")
);

CREATE INDEX "search_entries_by_user_id" ON "search_entries" ("user_id");

CREATE TABLE "observations" (
  "entity_kind" TEXT NOT NULL,
  "entity_id" TEXT NOT NULL,
  "response_id" TEXT NOT NULL,
  "observed_at" INTEGER NOT NULL,
  "like_count" INTEGER,
  "dislike_count" INTEGER,
  "view_count" INTEGER,
  "unique_view_count" INTEGER,
  "reply_count" INTEGER,
  "recursive_reply_count" INTEGER,
  "remix_count" INTEGER,
  "share_count" INTEGER,
  "repost_count" INTEGER,
  "follower_count" INTEGER,
  "following_count" INTEGER,
  "post_count" INTEGER,
  "likes_received_count" INTEGER,
  "cameo_count" INTEGER,
  "character_count" INTEGER,
  PRIMARY KEY ("entity_kind", "entity_id", "response_id")
);

CREATE INDEX "observations_by_entity_id_observed_at" ON "observations" ("entity_id", "observed_at");

CREATE TABLE "revisions" (
  "entity_kind" TEXT NOT NULL,
  "entity_id" TEXT NOT NULL,
  "field" TEXT NOT NULL,
  "response_id" TEXT NOT NULL,
  "observed_at" INTEGER NOT NULL,
  "old" TEXT,
  "new" TEXT,
  PRIMARY KEY ("entity_kind", "entity_id", "field", "response_id")
);

CREATE INDEX "revisions_by_entity_id_field" ON "revisions" ("entity_id", "field");

CREATE TABLE "absences" (
  "entity_kind" TEXT NOT NULL,
  "entity_id" TEXT NOT NULL,
  "response_id" TEXT NOT NULL,
  "observed_at" INTEGER NOT NULL,
  "reason" TEXT NOT NULL,
  PRIMARY KEY ("entity_kind", "entity_id", "response_id")
);

CREATE TABLE "sightings" (
  "entity_kind" TEXT NOT NULL,
  "entity_id" TEXT NOT NULL,
  "response_id" TEXT NOT NULL,
  "observed_at" INTEGER NOT NULL,
  "told" INTEGER NOT NULL,
  PRIMARY KEY ("entity_kind", "entity_id", "response_id")
);

CREATE TABLE "media" (
  "asset_key" TEXT NOT NULL,
  "state" TEXT NOT NULL,
  "sha256" TEXT,
  "bytes" INTEGER,
  "content_type" TEXT,
  "path" TEXT,
  "saved_at" INTEGER,
  "deadline_at" INTEGER,
  "attempts" INTEGER,
  "error" TEXT,
  "reason" TEXT,
  "ended_at" INTEGER,
  PRIMARY KEY ("asset_key")
);

CREATE INDEX "media_by_state_deadline_at" ON "media" ("state", "deadline_at");

CREATE INDEX "media_by_sha256" ON "media" ("sha256");

CREATE TABLE "anomalies" (
  "response_id" TEXT NOT NULL,
  "json_pointer" TEXT NOT NULL,
  "problem" TEXT NOT NULL,
  "excerpt" TEXT,
  PRIMARY KEY ("response_id", "json_pointer")
);

CREATE TABLE "drift" (
  "endpoint" TEXT NOT NULL,
  "place" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "answers" INTEGER NOT NULL,
  "first_seen_at" INTEGER NOT NULL,
  "first_response_id" TEXT NOT NULL,
  "example" TEXT,
  PRIMARY KEY ("endpoint", "place", "type")
);

CREATE TABLE "listings" (
  "listing_key" TEXT NOT NULL,
  "endpoint" TEXT NOT NULL,
  "subject" TEXT,
  "pass" INTEGER NOT NULL,
  "pages" INTEGER NOT NULL,
  "items" INTEGER NOT NULL,
  "stale_pages" INTEGER NOT NULL,
  "announced" INTEGER,
  "announced_below" INTEGER,
  "known_run" INTEGER NOT NULL,
  "first_page_at" INTEGER,
  "ended_at" INTEGER,
  "end_reason" TEXT,
  PRIMARY KEY ("listing_key")
);

CREATE INDEX "listings_by_endpoint_subject_pass" ON "listings" ("endpoint", "subject", "pass");

CREATE TABLE "listing_items" (
  "listing_key" TEXT NOT NULL,
  "item_id" TEXT NOT NULL,
  PRIMARY KEY ("listing_key", "item_id")
);

CREATE TABLE "listing_pages" (
  "listing_key" TEXT NOT NULL,
  "cursor" TEXT NOT NULL,
  "next_cursor" TEXT NOT NULL,
  PRIMARY KEY ("listing_key", "cursor", "next_cursor")
);

CREATE TABLE "passes" (
  "pass" INTEGER NOT NULL,
  "started_at" INTEGER NOT NULL,
  "ended_at" INTEGER,
  "seeds" TEXT NOT NULL,
  PRIMARY KEY ("pass")
);

CREATE TABLE "runs" (
  "run_id" INTEGER NOT NULL,
  "command" TEXT NOT NULL,
  "seeds" TEXT,
  "config" TEXT,
  "version" TEXT NOT NULL,
  "started_at" INTEGER NOT NULL,
  "ended_at" INTEGER,
  "outcome" TEXT,
  PRIMARY KEY ("run_id")
);

CREATE TABLE "requests" (
  "request_id" INTEGER NOT NULL,
  "endpoint" TEXT NOT NULL,
  "params" TEXT NOT NULL,
  "request_key" TEXT NOT NULL,
  "pass" INTEGER NOT NULL,
  "listing_key" TEXT,
  "parent_request_id" INTEGER,
  "priority" INTEGER NOT NULL,
  "thread" INTEGER,
  "page" INTEGER NOT NULL,
  "depth" INTEGER NOT NULL,
  "state" TEXT NOT NULL,
  "reason" TEXT,
  "attempts" INTEGER NOT NULL,
  "not_before" INTEGER,
  "error" TEXT,
  "created_at" INTEGER NOT NULL,
  "finished_at" INTEGER,
  PRIMARY KEY ("request_id")
);

CREATE INDEX "requests_by_state_priority_request_id" ON "requests" ("state", "priority", "request_id");

CREATE INDEX "requests_by_parent_request_id" ON "requests" ("parent_request_id");

CREATE UNIQUE INDEX "requests_by_pass_request_key" ON "requests" ("pass", "request_key");

CREATE TABLE "responses" (
  "response_id" TEXT NOT NULL,
  "request_id" INTEGER,
  "run_id" INTEGER,
  "endpoint" TEXT NOT NULL,
  "params" TEXT NOT NULL,
  "attempt" INTEGER,
  "base_url" TEXT,
  "sent_at" INTEGER,
  "received_at" INTEGER,
  "status" INTEGER,
  "headers" TEXT,
  "duration_ms" INTEGER,
  "billed" TEXT NOT NULL,
  "cost_usd" REAL,
  "upstream_request_id" TEXT,
  "origin" TEXT NOT NULL,
  "clock" TEXT,
  "outcome" TEXT,
  "body_sha256" TEXT,
  "body_bytes" INTEGER,
  PRIMARY KEY ("response_id")
);

CREATE INDEX "responses_by_request_id" ON "responses" ("request_id");

CREATE INDEX "responses_by_endpoint_params" ON "responses" ("endpoint", "params");

CREATE TABLE "journal" (
  "entry" INTEGER NOT NULL,
  "event" TEXT NOT NULL,
  "at" INTEGER NOT NULL,
  "response_id" TEXT,
  "request_id" INTEGER,
  "is_list" INTEGER,
  "reason" TEXT,
  PRIMARY KEY ("entry")
);

CREATE TABLE "rebuilds" (
  "entry" INTEGER NOT NULL,
  "started_at" INTEGER NOT NULL,
  PRIMARY KEY ("entry")
);

CREATE TABLE "forgotten" (
  "hmac" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "at" INTEGER NOT NULL,
  "reason" TEXT,
  PRIMARY KEY ("hmac")
);

CREATE TABLE "denylist" (
  "hmac" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  PRIMARY KEY ("hmac")
);

CREATE TABLE "forget_keys" (
  "secret" TEXT NOT NULL,
  "created_at" INTEGER NOT NULL,
  PRIMARY KEY ("secret")
);

CREATE TABLE "rewritten" (
  "response_id" TEXT NOT NULL,
  "answer_id" TEXT NOT NULL,
  "original_sha256" TEXT NOT NULL,
  PRIMARY KEY ("response_id")
);

CREATE TABLE "forgetting" (
  "started_at" INTEGER NOT NULL,
  "step" TEXT NOT NULL,
  "position" TEXT NOT NULL,
  "counts" TEXT NOT NULL,
  PRIMARY KEY ("started_at")
);

CREATE TABLE "forgetting_names" (
  "kind" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  PRIMARY KEY ("kind", "name")
);

CREATE TABLE "bodies" (
  "sha256" TEXT NOT NULL,
  "encoding" TEXT NOT NULL,
  "body" BLOB NOT NULL,
  PRIMARY KEY ("sha256")
);

CREATE INDEX requests_waiting ON requests (not_before) WHERE state = 'pending' AND not_before IS NOT NULL;

CREATE INDEX requests_left ON requests (listing_key) WHERE state IN ('skipped', 'failed');

CREATE INDEX journal_imported_too ON journal (response_id) WHERE event = 'held' AND request_id IS NULL;
