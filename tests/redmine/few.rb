# Fills a fresh Redmine with a handful of records, to be recorded: rails runner few.rb
# `connectors/redmine/recording.yaml` was made of it, with `tapwright record`.
require_relative 'site'
admin = User.current

trackers = Tracker.sorted.to_a
statuses = IssueStatus.sorted.to_a
priorities = IssuePriority.all.to_a
manager, developer = Role.givable.first(2)

anna, ben = [%w[Anna Keller], %w[Ben Otieno]].map do |first, last|
  user = User.new(firstname: first, lastname: last, mail: "#{first.downcase}@example.test", language: 'en')
  user.login = first.downcase
  user.password = 'correct-horse'
  user.save!
  user
end
group = Group.create!(lastname: 'Support')
group.users << ben

project = lambda do |name, **more|
  Project.create!({name: name, identifier: name.downcase, trackers: trackers,
                   enabled_module_names: %w[issue_tracking time_tracking]}.merge(more))
end
website = project.('Website', description: 'Shop and help pages')
billing = project.('Billing', description: 'Invoices and reminders', is_public: false)
Member.create!(project: website, principal: anna, roles: [manager])
Member.create!(project: website, principal: group, roles: [developer])
Member.create!(project: billing, principal: anna, roles: [developer])
spring = Version.create!(project: website, name: 'Spring', description: 'New checkout', effective_date: Date.new(2026, 4, 1))
checkout = IssueCategory.create!(project: website, name: 'Checkout')

severity = IssueCustomField.create!(name: 'Severity', field_format: 'list', is_for_all: true, trackers: trackers,
                                    possible_values: %w[low high])
browsers = IssueCustomField.create!(name: 'Browsers', field_format: 'list', is_for_all: true, trackers: trackers,
                                    multiple: true, possible_values: %w[Chromium Firefox Safari])

issue = lambda do |at, **more|
  made = Issue.new({project: website, tracker: trackers.first, author: anna, status: statuses.first,
                    priority: priorities[1], start_date: at.to_date}.merge(more))
  made.save!
  made.update_columns(created_on: at, updated_on: at)
  made
end
first = issue.(Time.utc(2026, 2, 3, 9, 15), subject: 'Checkout fails on a second try', category: checkout,
               description: "Pay, go back, pay again.\r\nThe page stays empty.", fixed_version: spring, estimated_hours: 3.5,
               custom_field_values: {severity.id.to_s => 'high', browsers.id.to_s => %w[Firefox Safari]})
second = issue.(Time.utc(2026, 2, 3, 11, 40), subject: 'Write down how refunds work', tracker: trackers[1],
                assigned_to: anna, parent_issue_id: first.id, custom_field_values: {severity.id.to_s => 'low'})
third = issue.(Time.utc(2026, 2, 4, 8, 5), subject: 'Reminders go out twice', project: billing, author: anna,
               priority: priorities[2])

first.reload.init_journal(anna, 'Happens in Firefox alone.')
first.status = statuses[1]
first.save!
first.update_columns(updated_on: Time.utc(2026, 2, 5, 14, 30))
third.reload.init_journal(anna, '')
third.done_ratio = 40
third.save!
third.update_columns(updated_on: Time.utc(2026, 2, 6, 10, 0))

[[first, 1.5, 'Found the cause'], [third, 0.75, '']].each do |of, hours, comments|
  TimeEntry.create!(project: of.project, issue: of, user: anna, author: admin, activity: TimeEntryActivity.first,
                    hours: hours, spent_on: Date.new(2026, 2, 5), comments: comments)
end
puts "#{Issue.count} issues, #{Journal.count} journals, #{TimeEntry.count} time entries"
