"""Questions about people, certificates, courses and staffing (人员、证书、培训查询)."""
