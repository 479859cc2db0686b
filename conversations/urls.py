"""The addresses of the inbox, the timelines and what people do with conversations: nouns, changed by POST."""

from django.urls import path
from django.views.generic import RedirectView

from conversations.views import (
    audit,
    bulk,
    company,
    composer,
    conversation,
    customer,
    draft,
    fact,
    handover,
    importing,
    inbox,
    merging,
    message,
    parting,
    person,
    record,
    search,
    segment,
    settings,
    timeline,
    webhook,
    webhook_log,
)

pages = [
    path("", RedirectView.as_view(pattern_name="inbox_home"), name="home"),
    path("inbox/", inbox.home, name="inbox_home"),
    path("inbox/<slug:view>/", inbox.inbox, name="inbox"),
    path("inbox/<slug:view>/<int:customer>/", inbox.workspace, name="workspace"),
    path("customers/", customer.customers, name="customers"),
    path("customers/<int:customer>/", customer.customer, name="customer"),
    path("customers/<int:customer>/entries/", timeline.entries, name="entries"),
    path("customers/<int:customer>/entries/finding/", timeline.finding, name="finding"),
    path("customers/<int:customer>/panel/", person.panel, name="panel"),
    path("customers/<int:customer>/profile/", person.profile, name="profile"),
    path("customers/<int:customer>/figures/", record.figures, name="figures"),
    path("customers/<int:customer>/tags/", record.customer_tags, name="customer_tags"),
    path("customers/<int:customer>/company/", company.customer_company, name="customer_company"),
    path("customers/<int:customer>/consents/", record.consents, name="consents"),
    path("customers/<int:customer>/notes/", record.pinned_notes, name="pinned_notes"),
    path("customers/<int:customer>/merge/", merging.merging, name="merging"),
    path("customers/<int:customer>/moves/", parting.moving, name="moving"),
    path("customers/<int:customer>/identities/<int:pk>/split/", parting.splitting, name="splitting"),
    path("merges/<int:pk>/undoing/", merging.merge_undoing, name="merge_undoing"),
    path("customers/<int:customer>/rejections/", person.rejections, name="rejections"),
    path("customers/<int:customer>/identities/", person.identities, name="identities"),
    path("customers/<int:customer>/identities/<int:pk>/", person.identity, name="identity"),
    path("customers/<int:customer>/identities/<int:pk>/removal/", person.identity_removal, name="identity_removal"),
]

lists = [
    path("companies/", company.company_list, name="companies"),
    path("companies/new/", company.company_new, name="company_new"),
    path("companies/<int:pk>/", company.company, name="company"),
    path("companies/<int:pk>/profile/", company.company_profile, name="company_profile"),
    path("companies/<int:pk>/people/", company.company_people, name="company_people"),
    path("companies/<int:pk>/joining/", company.company_joining, name="company_joining"),
    path("companies/<int:pk>/removal/", company.company_removal, name="company_removal"),
    path("segments/", segment.segment_list, name="segments"),
    path("segments/new/", segment.segment_new, name="segment_new"),
    path("segments/<int:pk>/", segment.segment, name="segment"),
    path("segments/<int:pk>/removal/", segment.segment_removal, name="segment_removal"),
]

acts = [
    path("conversations/<int:number>/", conversation.conversation, name="conversation"),
    path("conversations/<int:number>/state/", conversation.state, name="state"),
    path("conversations/<int:number>/assignment/", conversation.assignment, name="assignment"),
    path("conversations/<int:number>/snooze/", conversation.snooze, name="snooze"),
    path("conversations/<int:number>/resolution/", conversation.resolution, name="resolution"),
    path("conversations/<int:number>/reopening/", conversation.reopening, name="reopening"),
    path("conversations/<int:number>/waiting/", conversation.waiting, name="waiting"),
    path("conversations/<int:number>/story/", fact.story, name="story"),
    path("facts/<int:pk>/dismissal/", fact.dismissal, name="fact_dismissal"),
    path("facts/<int:pk>/correction/", fact.correction, name="fact_correction"),
    path("conversations/<int:number>/seen/", conversation.seen, name="seen"),
    path("conversations/<int:number>/replies/", composer.replies, name="replies"),
    path("conversations/<int:number>/notes/", composer.notes, name="notes"),
    path("conversations/<int:number>/drafts/", RedirectView.as_view(pattern_name="conversation"), name="drafts"),
    path("conversations/<int:number>/drafts/<slug:mode>/", draft.draft, name="draft"),
    path("conversations/<int:number>/tags/", record.tags, name="tags"),
    path("conversations/changes/", bulk.changes, name="changes"),
    path("conversations/<int:number>/drafts/<slug:mode>/<int:agent>/", draft.of_colleague, name="colleague_draft"),
    path("conversations/<int:number>/drafts/<slug:mode>/<int:agent>/taking/", composer.taking, name="draft_taking"),
    path("entries/undoings/", bulk.undoings, name="undoings"),
    path("entries/<int:pk>/undoing/", conversation.undoing, name="undoing"),
    path("entries/<int:pk>/pin/", record.pin, name="pin"),
    path("entries/<int:pk>/original/", message.original, name="original"),
]

messages = [
    path("messages/<int:pk>/body/", message.body, name="message_body"),
    path("messages/<int:pk>/image/<int:n>/", message.image, name="message_image"),
    path("messages/<int:pk>/inline/<int:attachment>/", message.inline, name="message_inline"),
    path("messages/<int:pk>/cancellation/", composer.cancellation, name="cancellation"),
    path("messages/<int:pk>/release/", composer.release, name="release"),
    path("messages/<int:pk>/retry/", composer.retry, name="retry"),
    path("attachments/<int:pk>/", message.attachment, name="attachment"),
]

desk = [
    path("search/", search.search, name="search"),
    path("search/suggestions/", search.suggestions, name="search_suggestions"),
    path("settings/orders/", settings.order_pattern, name="order_pattern"),
    path("settings/people/<int:pk>/conversations/", handover.handover, name="handover"),
    path("settings/audit/", audit.audit, name="audit"),
    path("settings/audit/reading/", audit.reading, name="reading"),
    path("settings/orders/trial/", settings.order_trial, name="order_trial"),
    path("settings/import/", importing.imports, name="imports"),
    path("settings/import/<int:pk>/", importing.import_run, name="import"),
    path("settings/import/<int:pk>/reading/", importing.import_reading, name="import_reading"),
    path("settings/import/<int:pk>/check/", importing.import_check, name="import_check"),
    path("settings/import/<int:pk>/state/", importing.import_state, name="import_state"),
    path("settings/import/<int:pk>/problems/", importing.import_problems, name="import_problems"),
]

webhooks = [
    path("settings/webhooks/", webhook.webhook_list, name="webhook_list"),
    path("settings/webhooks/new/", webhook.webhook_new, name="webhook_new"),
    path("settings/webhooks/<int:pk>/", webhook.webhook_one, name="webhook_one"),
    path("settings/webhooks/<int:pk>/secret/", webhook.webhook_secret, name="webhook_secret"),
    path("settings/webhooks/<int:pk>/switch/", webhook.webhook_switch, name="webhook_switch"),
    path("settings/webhooks/<int:pk>/removal/", webhook.webhook_removal, name="webhook_removal"),
    path("settings/webhooks/<int:pk>/test/", webhook_log.webhook_test, name="webhook_test"),
    path("settings/webhooks/<int:pk>/deliveries/", webhook_log.webhook_deliveries, name="webhook_deliveries"),
    path("settings/webhooks/<int:pk>/replays/", webhook_log.webhook_replays, name="webhook_replays"),
    path("settings/webhooks/deliveries/<int:pk>/", webhook_log.webhook_delivery, name="webhook_delivery"),
    path("settings/webhooks/deliveries/<int:pk>/replay/", webhook_log.webhook_replay, name="webhook_replay"),
]

urlpatterns = [*pages, *lists, *acts, *messages, *desk, *webhooks]
