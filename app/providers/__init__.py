"""Providers (机构与备案): who is regulated. Organisations, their sites, filings, facts and papers."""
