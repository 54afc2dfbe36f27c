"""What check must say of real tables: rules that block, by file of the shared references.

Official tables contain small counts by the rules of their own office; under the default policy of
a Kreis they are findings, and right. Everything else that blocks would be a false alarm.
"""

_SMALL = "minimum-frequency"
_SUPPRESSED = "minimum-frequency recoverable-suppression"

OFFICIAL = {
    "samples/datencsv/12411-0013.csv": "",
    "samples/datencsv/12612-0002.csv": "",
    "samples/genesis_family/catalogue/regioDB_statistics.csv": "",
    "samples/genesis_family/cube/47414BJ002.cubefile.csv": "",
    "samples/genesis_family/genesis/52111-0001.de.ffcsv.zip": "",
    "samples/genesis_family/genesis/71311-0001.de.ffcsv.zip": "",
    "samples/genesis_family/regio/12211-Z-11.de.ffcsv.zip": "",
    "samples/genesis_family/regio/13111-01-03-4.de.ffcsv.zip": "",
    "samples/genesis_family/regio/21311-01-01-4-B.de.ffcsv.zip": _SUPPRESSED,
    "samples/genesis_family/zensus/3000G-1008.de.ffcsv.zip": "",
    "samples/geo/gemeinden_01056.geojson": "",
    "samples/geo/gemeinden_05162.geojson": "",
    "samples/geo/gemeinden_06440.geojson": "",
    "samples/geo/vg250_gem_attributes_01056_all_GF.csv": "",
    "samples/inkar/A_Arbeitslosigkeit.xls": _SMALL,
    "samples/jsonstat/eurostat-name_gpd_c-geo_IT_FR.json": "",
    "samples/jsonstat/galicia-2.0.json": _SUPPRESSED,
    "samples/municipal/konstanz_al_kn.csv": "",
    "samples/municipal/konstanz_nach_stadtteilen.csv": "",
    "samples/municipal_five_counties/bevoelkerung_gv_2019_2022.csv": "",
    "samples/municipal_five_counties/inkar_arbeitslose_1998-2021.csv": _SMALL,
    "samples/municipal_five_counties/zensus2022_bevoelkerung.csv": "",
    "samples/regio_xlsx/11111-01-01-4.xlsx": "",
    "samples/regio_xlsx/31111-01-02-4.xlsx": "recoverable-suppression",
    "samples/landesaemter/SB_M01-04-00_2021q01_BB.xlsx": "",
    "samples/regions/ags_ars_table.csv": "",
    "samples/regions/gebietsstand_gemeinden_2008-2019_to_2020_SH_NW_HE_GOE.csv": "",
    "samples/regions/gebietsstand_kreise_2000-2019_to_2020.csv": "",
    "samples/regions/gv_diff_2019-12-31_to_2024-06-30.csv": "",
    "samples/regions/name_aliases.csv": "",
    "samples/rki_gisd/GISD_Hessen_Kreis.csv": "",
    "samples/sdmx/ESTAT_demography-structure.xml": "",
    "samples/statistik_nord/Daten_fuer_die_Stadtteilprofile_2014.csv": _SMALL,
    "samples/statistik_nord/Daten_fuer_die_Stadtteilprofile_2014.xlsx": _SMALL,
    "synthetic/public_layouts/Arbeitsmarkt-kommunal_6440002_Bad-Nauheim_layout.xlsx": "",
    "synthetic/public_layouts/fz3_2023_layout.xlsx": "",
    "synthetic/public_layouts/gemband_202306_layout.xlsx": "",
}

QUICK = (
    "samples/genesis_family/genesis/52111-0001.de.ffcsv.zip",
    "samples/genesis_family/genesis/71311-0001.de.ffcsv.zip",
    "samples/geo/gemeinden_05162.geojson",
    "samples/geo/vg250_gem_attributes_01056_all_GF.csv",
    "samples/jsonstat/eurostat-name_gpd_c-geo_IT_FR.json",
    "samples/municipal/konstanz_al_kn.csv",
    "samples/municipal/konstanz_nach_stadtteilen.csv",
    "samples/municipal_five_counties/inkar_arbeitslose_1998-2021.csv",
    "samples/municipal_five_counties/zensus2022_bevoelkerung.csv",
    "samples/regions/name_aliases.csv",
    "samples/sdmx/ESTAT_demography-structure.xml",
    "synthetic/public_layouts/Arbeitsmarkt-kommunal_6440002_Bad-Nauheim_layout.xlsx",
    "synthetic/public_layouts/fz3_2023_layout.xlsx",
)
"""Small files, for the tests; ``sozialdaten bench confusion`` reads all of them."""

_PERSONS = "k-anonymity l-diversity t-closeness global-risk individual-risk duplicate-person"
_OPEN = "minimum-frequency recoverable-suppression small-difference"

KNOWN = {
    "disclosure-cases/04_microdata/hospital_anonymized.csv": _PERSONS + " identifier-name",
    "disclosure-cases/04_microdata/StudentsMath_Score.csv": _PERSONS + " pseudonym",
    "disclosure-cases/04_microdata/sdcmicro_francdat.csv": _PERSONS,
    "disclosure-cases/07_acro/nursery_recommend_parents_counts.csv": _OPEN,
    "disclosure-cases/02_sdctable/T1_micro1_1cell_table.csv": _OPEN + " " + _PERSONS,
    "disclosure-cases/05_tauargus/ex1_12cells.csv": _OPEN + " dominance",
    "disclosure-cases/05_tauargus/turnover_act_size.csv": _OPEN + " dominance",
    "disclosure-cases/05_tauargus/turnover_nuts_cj.csv": _OPEN + " dominance",
}
