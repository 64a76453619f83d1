"""Which parameters of an address only track where a reader came from, and never choose the page. Pure.

The names come from maintained lists (docs/decisions/addresses.md says which). A name is listed without a host only if
no site uses it for anything else. Short and common names are bound to the hosts that are known to track with them.
"""

from __future__ import annotations

import re
from urllib.parse import unquote


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# In lower case: case does not matter in links. Campaigns (utm_ has a pattern of its own), clicks, mail, sessions.
_ANYWHERE = _words(
    """
    mtm_campaign mtm_cid mtm_content mtm_group mtm_keyword mtm_kwd mtm_medium mtm_placement mtm_source
    pk_campaign pk_cid pk_content pk_cpn pk_keyword pk_kwd pk_medium pk_source pk_vid piwik_campaign piwik_kwd
    at_campaign at_campaign_type at_channel at_creation at_custom1 at_custom2 at_custom3 at_custom4 at_detail_placement
    at_emailtype at_format at_general_placement at_identifier at_link at_link_id at_link_origin at_link_type at_medium
    at_network at_platform at_ptr_name at_recipient_id at_recipient_list at_send_date at_term at_variant xtor
    itm_campaign itm_content itm_medium itm_source itm_term ga_campaign ga_content ga_medium ga_place ga_source ga_term
    hmb_campaign hmb_medium hmb_source otm_campaign otm_medium otm_source
    cm_cr cm_me cm_mmc cm_re cm_sp s_cid s_campaign cmpid trkcampaign trk_campaign tracking_source trackingid
    wt_mc wt_zmc wtmc wtzmc wtrid nx_source _openstat echobox __twitter_impression ref_src spref usqp
    fbclid fb_action_ids fb_action_types fb_comment_id fb_ref fb_source action_object_map action_ref_map action_type_map
    gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid _ga _gl gs_l
    msclkid yclid ysclid ymclid yadclid yadordid twclid ttclid li_fat_id igshid rdt_cid
    irclickid irgwc ir_adid ir_campaignid ir_partnerid rb_clickid sscid wickedid _branch_match_id _branch_referrer
    mc_cid mc_eid mc_tc mkt_tok vero_id vero_conv ck_subscriber_id _bhlid _kx ml_sub ml_sub_hash ml_subscriber
    ml_subscriber_hash oly_anon_id oly_enc_id bsft_aaid bsft_clkid bsft_eid bsft_ek bsft_mid bsft_uid et_cid et_lid
    et_rid sc_customer sc_eh sc_lid sc_llid sc_src sc_uid ss_campaign_id ss_campaign_name ss_campaign_sent_date
    ss_source elqtrack elqtrackid spmailingid spuserid spjobid spreportid
    _hsenc _hsmi __hsfp __hssc __hstc hsctatracking hsa_acc hsa_ad hsa_cam hsa_cr_id hsa_grp hsa_kw hsa_la hsa_mt
    hsa_net hsa_ol hsa_src hsa_tgt hsa_ver
    guccounter guce_referrer guce_referrer_sig phpsessid jsessionid
    """
)
_BEGINNINGS = re.compile(r"utm[_-][\w-]+|cm_mmca\d+|aspsessionid\w*", re.ASCII)
# The site that a link came from (Ghost), the place of a link in a page (Alibaba), the subscriber that a mail went to
# (Drip), and where Medium showed an article, also on its customers' domains.
_SITE = re.compile(r"(?:https?://)?(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}/?", re.IGNORECASE)
_DOTTED = re.compile(r"[\w-]++(?:\.[\w-]++)+")
_MARK = re.compile(r"[a-z0-9]{6,}", re.IGNORECASE)
_MEDIUM = re.compile(r"[a-z_]++-{3,}+[\w.-]*+", re.IGNORECASE)
# If ref= does not name a site, it names a branch or a file.
_FORGE = re.compile(r"(?:git(?:hub|lab|ea|ee)?|codeberg|bitbucket|forgejo|sr)\.")
_FILE = re.compile(r"\.(?:c|cc|cpp|css|go|html?|ipynb|java|js|json|md|php|py|rb|rs|rst|sh|toml|ts|txt|xml|ya?ml)$")

_TOLD_BY_VALUE = {"ref", "s", "spm", "__s", "source"}

# By host: ".host" means a host and its subdomains, "host." hosts that begin so.
_BOUND = {
    "aws.": "trk sc_campaign sc_category sc_channel sc_content sc_country sc_detail sc_geo sc_icampaign"
    " sc_icampaigntype sc_ichannel sc_icontent sc_iplace sc_medium sc_outcome sc_publisher"
    " sc_segment sc_funnel sc_team sc_type",
    ".awscloud.com": "trk sc_channel sc_campaign",
    ".linkedin.com": "trk trkinfo refid lipi licu original_referer trackingcode midtoken midsig trkemail",
    ".bloomberg.com": "trk srnd leadsource in_source",
    ".ft.com": "trk",
    ".medium.com": "source",
    ".tumblr.com": "source",
    ".twitter.com": "s t cn cxt src ref_url",
    ".x.com": "s t cn cxt src ref_url",
    ".youtube.com": "si feature pp ab_channel app kw embeds_euri embeds_referring_euri"
    " embeds_referring_origin source_ve_path",
    ".youtu.be": "si feature pp ab_channel",
    ".spotify.com": "si",
    ".instagram.com": "igsh ig_rid",
    ".threads.net": "xmt",
    ".threads.com": "xmt",
    ".tiktok.com": "_r _t embed_source refer referer_url referer_video_id share_app_name share_iid u_code",
    ".reddit.com": "share_id correlation_id post_fullname ref ref_campaign ref_source rdt",
    ".substack.com": "s r isfreemail triedredirect publication_id post_id token showwelcomeonshare",
    ".amazon.com": "linkcode linkid ascsubtag ref_ pd_rd_i pd_rd_r pd_rd_w pd_rd_wg"
    " pf_rd_i pf_rd_m pf_rd_p pf_rd_r pf_rd_s pf_rd_t",
    ".cnet.com": "ftag linkid",
    ".techcrunch.com": "tpcc ncid sr_share guccounter",
    ".hbr.org": "tpcc",
    ".wsj.com": "mod reflink",
    ".nytimes.com": "smid referringsource sgrp ugrp",
    ".theguardian.com": "cmp",
    ".washingtonpost.com": "itid",
    ".wired.com": "bxid cndid esrc mbid hasha hashb hashc",
    ".newyorker.com": "bxid cndid esrc mbid",
    ".arstechnica.com": "bxid cndid esrc mbid",
    ".hackernoon.com": "ref",
    ".producthunt.com": "ref",
    ".imdb.com": "ref_",
    ".naver.com": "fromrss trackingcode referrercode proxyreferer notrackingcode isinf",
    ".bilibili.com": "spm_id_from vd_source share_source share_medium share_plat share_session_id share_tag unique_k",
    ".zhihu.com": "utm_psn",
    ".mailchi.mp": "e",
}  # fmt: skip
_HOSTS_BY_NAME: dict[str, tuple[str, ...]] = {}
for _host, _names in _BOUND.items():
    for _name in _names.split():
        _HOSTS_BY_NAME[_name] = (*_HOSTS_BY_NAME.get(_name, ()), _host)


def is_tracking(name: str, value: str, host: str) -> bool:
    """Whether a parameter of an address of *host* never chooses the page; *name* in lower case, *host* in ASCII."""
    if name in _ANYWHERE or _BEGINNINGS.fullmatch(name):
        return True
    if any(_is_of(host, bound) for bound in _HOSTS_BY_NAME.get(name, ())):
        return True
    return name in _TOLD_BY_VALUE and _tells_by_value(name, unquote(value), host)


def _tells_by_value(name: str, value: str, host: str) -> bool:
    if name == "ref":
        is_site = _SITE.fullmatch(value) and not _FILE.search(value.lower())
        return bool(is_site) and not any(_FORGE.match(f"{label}.") for label in host.split("."))
    if name == "s":
        # X on Android, which also adds it to links to other sites.
        return value == "09"
    if name == "spm":
        return _DOTTED.fullmatch(value) is not None
    return (_MARK.fullmatch(value) if name == "__s" else _MEDIUM.fullmatch(value)) is not None


def _is_of(host: str, bound: str) -> bool:
    if bound.endswith("."):
        return host.startswith(bound) or f".{bound}" in host
    return host.endswith(bound) or host == bound[1:]
