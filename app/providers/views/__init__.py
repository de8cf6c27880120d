"""Pages of the registry (机构与备案页面): sites and filings for the office, the provider's workspace, the import."""
