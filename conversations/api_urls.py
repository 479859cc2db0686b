"""The public API of the heart: nouns; a change of state is a PATCH of a field or a noun of its own."""

from django.urls import path

from conversations.api import companies, consents, customers, entries, identities, merges, messages, suggestions

person = "customers/<int:customer>"

urlpatterns = [
    path("customers/", customers.CustomerList.as_view(), name="api-customers"),
    path(f"{person}/", customers.CustomerDetail.as_view(), name="api-customer"),
    path(f"{person}/identities/", identities.CustomerIdentities.as_view(), name="api-customer-identities"),
    path(f"{person}/consents/", consents.CustomerConsents.as_view(), name="api-customer-consents"),
    path(f"{person}/notes/", entries.PinnedNoteCreate.as_view(), name="api-customer-notes"),
    path(f"{person}/suggestions/", suggestions.CustomerSuggestions.as_view(), name="api-customer-suggestions"),
    path(f"{person}/rejections/", suggestions.RejectionCreate.as_view(), name="api-customer-rejections"),
    path("identities/", identities.IdentityList.as_view(), name="api-identities"),
    path("identities/<int:pk>/", identities.IdentityDetail.as_view(), name="api-identity"),
    path("companies/", companies.CompanyList.as_view(), name="api-companies"),
    path("companies/<int:pk>/", companies.CompanyDetail.as_view(), name="api-company"),
    path("merges/", merges.MergeList.as_view(), name="api-merges"),
    path("merges/<int:pk>/", merges.MergeDetail.as_view(), name="api-merge"),
    path("merges/<int:pk>/undoing/", merges.MergeUndoing.as_view(), name="api-merge-undoing"),
    path("splits/", merges.SplitCreate.as_view(), name="api-splits"),
    path("moves/", merges.MoveCreate.as_view(), name="api-moves"),
    path("entries/", entries.EntryList.as_view(), name="api-entries"),
    path("entries/<int:pk>/", entries.EntryDetail.as_view(), name="api-entry"),
    path("conversations/<int:number>/notes/", entries.NoteCreate.as_view(), name="api-conversation-notes"),
    path("messages/", messages.MessageCreate.as_view(), name="api-messages"),
]
