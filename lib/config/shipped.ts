/** What is part of the program: the shipped filters and jails, embedded as text. */
import apache404Filter from "../../filters/apache-404.toml" with { type: "text" };
import apacheAuthFilter from "../../filters/apache-auth.toml" with { type: "text" };
import apacheBadbotsFilter from "../../filters/apache-badbots.toml" with { type: "text" };
import apacheNoscriptFilter from "../../filters/apache-noscript.toml" with { type: "text" };
import apacheOverflowsFilter from "../../filters/apache-overflows.toml" with { type: "text" };
import apiTokenFilter from "../../filters/api-token.toml" with { type: "text" };
import asteriskFilter from "../../filters/asterisk.toml" with { type: "text" };
import bitwardenFilter from "../../filters/bitwarden.toml" with { type: "text" };
import caddy404Filter from "../../filters/caddy-404.toml" with { type: "text" };
import cockpitFilter from "../../filters/cockpit.toml" with { type: "text" };
import dovecotFilter from "../../filters/dovecot.toml" with { type: "text" };
import dropbearFilter from "../../filters/dropbear.toml" with { type: "text" };
import eximFilter from "../../filters/exim.toml" with { type: "text" };
import eximAuthFilter from "../../filters/exim-auth.toml" with { type: "text" };
import fastapiAuthFilter from "../../filters/fastapi-auth.toml" with { type: "text" };
import freeswitchFilter from "../../filters/freeswitch.toml" with { type: "text" };
import giteaFilter from "../../filters/gitea.toml" with { type: "text" };
import gitlabFilter from "../../filters/gitlab.toml" with { type: "text" };
import grafanaFilter from "../../filters/grafana.toml" with { type: "text" };
import haproxyAuthFilter from "../../filters/haproxy-auth.toml" with { type: "text" };
import homeAssistantFilter from "../../filters/home-assistant.toml" with { type: "text" };
import jellyfinFilter from "../../filters/jellyfin.toml" with { type: "text" };
import jenkinsFilter from "../../filters/jenkins.toml" with { type: "text" };
import mongodbFilter from "../../filters/mongodb.toml" with { type: "text" };
import namedRefusedFilter from "../../filters/named-refused.toml" with { type: "text" };
import nextcloudFilter from "../../filters/nextcloud.toml" with { type: "text" };
import nginx404Filter from "../../filters/nginx-404.toml" with { type: "text" };
import nginx4xxFilter from "../../filters/nginx-4xx.toml" with { type: "text" };
import nginxBadbotsFilter from "../../filters/nginx-badbots.toml" with { type: "text" };
import nginxBotsearchFilter from "../../filters/nginx-botsearch.toml" with { type: "text" };
import nginxForbiddenFilter from "../../filters/nginx-forbidden.toml" with { type: "text" };
import nginxHttpAuthFilter from "../../filters/nginx-http-auth.toml" with { type: "text" };
import nginxLimitReqFilter from "../../filters/nginx-limit-req.toml" with { type: "text" };
import nginxNoscriptFilter from "../../filters/nginx-noscript.toml" with { type: "text" };
import nginxSslerrorFilter from "../../filters/nginx-sslerror.toml" with { type: "text" };
import openvpnFilter from "../../filters/openvpn.toml" with { type: "text" };
import pamFilter from "../../filters/pam.toml" with { type: "text" };
import phpmyadminFilter from "../../filters/phpmyadmin.toml" with { type: "text" };
import postfixFilter from "../../filters/postfix.toml" with { type: "text" };
import postfixSaslFilter from "../../filters/postfix-sasl.toml" with { type: "text" };
import postgresqlFilter from "../../filters/postgresql.toml" with { type: "text" };
import proftpdFilter from "../../filters/proftpd.toml" with { type: "text" };
import proxmoxFilter from "../../filters/proxmox.toml" with { type: "text" };
import pureFtpdFilter from "../../filters/pure-ftpd.toml" with { type: "text" };
import roundcubeFilter from "../../filters/roundcube.toml" with { type: "text" };
import slapdFilter from "../../filters/slapd.toml" with { type: "text" };
import squidFilter from "../../filters/squid.toml" with { type: "text" };
import sshdFilter from "../../filters/sshd.toml" with { type: "text" };
import traefikAuthFilter from "../../filters/traefik-auth.toml" with { type: "text" };
import ufwFilter from "../../filters/ufw.toml" with { type: "text" };
import vaultwardenFilter from "../../filters/vaultwarden.toml" with { type: "text" };
import vsftpdFilter from "../../filters/vsftpd.toml" with { type: "text" };
import webminFilter from "../../filters/webmin.toml" with { type: "text" };
import wordpressFilter from "../../filters/wordpress.toml" with { type: "text" };
import wordpressXmlrpcFilter from "../../filters/wordpress-xmlrpc.toml" with { type: "text" };
import xrdpFilter from "../../filters/xrdp.toml" with { type: "text" };
import apache404Jail from "../../jails/apache-404.toml" with { type: "text" };
import apacheAuthJail from "../../jails/apache-auth.toml" with { type: "text" };
import apacheBadbotsJail from "../../jails/apache-badbots.toml" with { type: "text" };
import apacheNoscriptJail from "../../jails/apache-noscript.toml" with { type: "text" };
import apacheOverflowsJail from "../../jails/apache-overflows.toml" with { type: "text" };
import apiTokenJail from "../../jails/api-token.toml" with { type: "text" };
import asteriskJail from "../../jails/asterisk.toml" with { type: "text" };
import bitwardenJail from "../../jails/bitwarden.toml" with { type: "text" };
import caddy404Jail from "../../jails/caddy-404.toml" with { type: "text" };
import cockpitJail from "../../jails/cockpit.toml" with { type: "text" };
import dovecotJail from "../../jails/dovecot.toml" with { type: "text" };
import dropbearJail from "../../jails/dropbear.toml" with { type: "text" };
import eximJail from "../../jails/exim.toml" with { type: "text" };
import eximAuthJail from "../../jails/exim-auth.toml" with { type: "text" };
import fastapiAuthJail from "../../jails/fastapi-auth.toml" with { type: "text" };
import freeswitchJail from "../../jails/freeswitch.toml" with { type: "text" };
import giteaJail from "../../jails/gitea.toml" with { type: "text" };
import gitlabJail from "../../jails/gitlab.toml" with { type: "text" };
import grafanaJail from "../../jails/grafana.toml" with { type: "text" };
import haproxyAuthJail from "../../jails/haproxy-auth.toml" with { type: "text" };
import homeAssistantJail from "../../jails/home-assistant.toml" with { type: "text" };
import jellyfinJail from "../../jails/jellyfin.toml" with { type: "text" };
import jenkinsJail from "../../jails/jenkins.toml" with { type: "text" };
import mongodbJail from "../../jails/mongodb.toml" with { type: "text" };
import namedRefusedJail from "../../jails/named-refused.toml" with { type: "text" };
import nextcloudJail from "../../jails/nextcloud.toml" with { type: "text" };
import nginx404Jail from "../../jails/nginx-404.toml" with { type: "text" };
import nginx4xxJail from "../../jails/nginx-4xx.toml" with { type: "text" };
import nginxBadbotsJail from "../../jails/nginx-badbots.toml" with { type: "text" };
import nginxBotsearchJail from "../../jails/nginx-botsearch.toml" with { type: "text" };
import nginxForbiddenJail from "../../jails/nginx-forbidden.toml" with { type: "text" };
import nginxHttpAuthJail from "../../jails/nginx-http-auth.toml" with { type: "text" };
import nginxLimitReqJail from "../../jails/nginx-limit-req.toml" with { type: "text" };
import nginxNoscriptJail from "../../jails/nginx-noscript.toml" with { type: "text" };
import nginxSslerrorJail from "../../jails/nginx-sslerror.toml" with { type: "text" };
import openvpnJail from "../../jails/openvpn.toml" with { type: "text" };
import pamJail from "../../jails/pam.toml" with { type: "text" };
import phpmyadminJail from "../../jails/phpmyadmin.toml" with { type: "text" };
import postfixJail from "../../jails/postfix.toml" with { type: "text" };
import postfixSaslJail from "../../jails/postfix-sasl.toml" with { type: "text" };
import postgresqlJail from "../../jails/postgresql.toml" with { type: "text" };
import proftpdJail from "../../jails/proftpd.toml" with { type: "text" };
import proxmoxJail from "../../jails/proxmox.toml" with { type: "text" };
import pureFtpdJail from "../../jails/pure-ftpd.toml" with { type: "text" };
import recidiveJail from "../../jails/recidive.toml" with { type: "text" };
import roundcubeJail from "../../jails/roundcube.toml" with { type: "text" };
import slapdJail from "../../jails/slapd.toml" with { type: "text" };
import squidJail from "../../jails/squid.toml" with { type: "text" };
import sshdJail from "../../jails/sshd.toml" with { type: "text" };
import traefikAuthJail from "../../jails/traefik-auth.toml" with { type: "text" };
import ufwJail from "../../jails/ufw.toml" with { type: "text" };
import vaultwardenJail from "../../jails/vaultwarden.toml" with { type: "text" };
import vsftpdJail from "../../jails/vsftpd.toml" with { type: "text" };
import webminJail from "../../jails/webmin.toml" with { type: "text" };
import wordpressJail from "../../jails/wordpress.toml" with { type: "text" };
import wordpressXmlrpcJail from "../../jails/wordpress-xmlrpc.toml" with { type: "text" };
import xrdpJail from "../../jails/xrdp.toml" with { type: "text" };

/** The texts of TOML files by their names without `.toml`. */
export interface Shipped {
  readonly filters: Readonly<Record<string, string>>;
  readonly jails: Readonly<Record<string, string>>;
}

/** Every file in `filters/` and `jails/` of the source. */
export const shipped: Shipped = {
  filters: {
    "apache-404": apache404Filter,
    "apache-auth": apacheAuthFilter,
    "apache-badbots": apacheBadbotsFilter,
    "apache-noscript": apacheNoscriptFilter,
    "apache-overflows": apacheOverflowsFilter,
    "api-token": apiTokenFilter,
    "asterisk": asteriskFilter,
    "bitwarden": bitwardenFilter,
    "caddy-404": caddy404Filter,
    "cockpit": cockpitFilter,
    "dovecot": dovecotFilter,
    "dropbear": dropbearFilter,
    "exim": eximFilter,
    "exim-auth": eximAuthFilter,
    "fastapi-auth": fastapiAuthFilter,
    "freeswitch": freeswitchFilter,
    "gitea": giteaFilter,
    "gitlab": gitlabFilter,
    "grafana": grafanaFilter,
    "haproxy-auth": haproxyAuthFilter,
    "home-assistant": homeAssistantFilter,
    "jellyfin": jellyfinFilter,
    "jenkins": jenkinsFilter,
    "mongodb": mongodbFilter,
    "named-refused": namedRefusedFilter,
    "nextcloud": nextcloudFilter,
    "nginx-404": nginx404Filter,
    "nginx-4xx": nginx4xxFilter,
    "nginx-badbots": nginxBadbotsFilter,
    "nginx-botsearch": nginxBotsearchFilter,
    "nginx-forbidden": nginxForbiddenFilter,
    "nginx-http-auth": nginxHttpAuthFilter,
    "nginx-limit-req": nginxLimitReqFilter,
    "nginx-noscript": nginxNoscriptFilter,
    "nginx-sslerror": nginxSslerrorFilter,
    "openvpn": openvpnFilter,
    "pam": pamFilter,
    "phpmyadmin": phpmyadminFilter,
    "postfix": postfixFilter,
    "postfix-sasl": postfixSaslFilter,
    "postgresql": postgresqlFilter,
    "proftpd": proftpdFilter,
    "proxmox": proxmoxFilter,
    "pure-ftpd": pureFtpdFilter,
    "roundcube": roundcubeFilter,
    "slapd": slapdFilter,
    "squid": squidFilter,
    "sshd": sshdFilter,
    "traefik-auth": traefikAuthFilter,
    "ufw": ufwFilter,
    "vaultwarden": vaultwardenFilter,
    "vsftpd": vsftpdFilter,
    "webmin": webminFilter,
    "wordpress": wordpressFilter,
    "wordpress-xmlrpc": wordpressXmlrpcFilter,
    "xrdp": xrdpFilter,
  },
  jails: {
    "apache-404": apache404Jail,
    "apache-auth": apacheAuthJail,
    "apache-badbots": apacheBadbotsJail,
    "apache-noscript": apacheNoscriptJail,
    "apache-overflows": apacheOverflowsJail,
    "api-token": apiTokenJail,
    "asterisk": asteriskJail,
    "bitwarden": bitwardenJail,
    "caddy-404": caddy404Jail,
    "cockpit": cockpitJail,
    "dovecot": dovecotJail,
    "dropbear": dropbearJail,
    "exim": eximJail,
    "exim-auth": eximAuthJail,
    "fastapi-auth": fastapiAuthJail,
    "freeswitch": freeswitchJail,
    "gitea": giteaJail,
    "gitlab": gitlabJail,
    "grafana": grafanaJail,
    "haproxy-auth": haproxyAuthJail,
    "home-assistant": homeAssistantJail,
    "jellyfin": jellyfinJail,
    "jenkins": jenkinsJail,
    "mongodb": mongodbJail,
    "named-refused": namedRefusedJail,
    "nextcloud": nextcloudJail,
    "nginx-404": nginx404Jail,
    "nginx-4xx": nginx4xxJail,
    "nginx-badbots": nginxBadbotsJail,
    "nginx-botsearch": nginxBotsearchJail,
    "nginx-forbidden": nginxForbiddenJail,
    "nginx-http-auth": nginxHttpAuthJail,
    "nginx-limit-req": nginxLimitReqJail,
    "nginx-noscript": nginxNoscriptJail,
    "nginx-sslerror": nginxSslerrorJail,
    "openvpn": openvpnJail,
    "pam": pamJail,
    "phpmyadmin": phpmyadminJail,
    "postfix": postfixJail,
    "postfix-sasl": postfixSaslJail,
    "postgresql": postgresqlJail,
    "proftpd": proftpdJail,
    "proxmox": proxmoxJail,
    "pure-ftpd": pureFtpdJail,
    "recidive": recidiveJail,
    "roundcube": roundcubeJail,
    "slapd": slapdJail,
    "squid": squidJail,
    "sshd": sshdJail,
    "traefik-auth": traefikAuthJail,
    "ufw": ufwJail,
    "vaultwarden": vaultwardenJail,
    "vsftpd": vsftpdJail,
    "webmin": webminJail,
    "wordpress": wordpressJail,
    "wordpress-xmlrpc": wordpressXmlrpcJail,
    "xrdp": xrdpJail,
  },
};
