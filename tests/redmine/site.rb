# A fresh Redmine that sends no mail, with a key of the administrator, for the scripts that fill one.
ActiveRecord::Base.logger = nil
ActionMailer::Base.perform_deliveries = false
Setting.notified_events = []
Setting.rest_api_enabled = '1'
Setting.default_language = 'en'

admin = User.find_by(login: 'admin')
User.current = admin
admin.update_columns(must_change_passwd: false)
Token.create!(user: admin, action: 'api').update_columns(value: 'a' * 40)
